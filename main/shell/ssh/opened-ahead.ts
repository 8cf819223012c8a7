import type { Duplex } from 'node:stream';
import { RemoteCommand } from './remote-command.ts';
import { forward, type SshConnection } from './ssh-connection.ts';

/** How long something waits: nothing stays open on a machine that is not asked any more. */
const keepMs = 60_000;

interface AheadOptions<T> {
  readonly open: () => Promise<T>;
  /** Calls `onGone` when something that waits can no longer be used; returns what to call when it is taken. */
  readonly watch: (opened: T, onGone: () => void) => () => void;
  readonly drop: (opened: T) => void;
}

interface Waiting<T> {
  readonly opening: Promise<T>;
  /** Ends the watch; null while it is being opened. */
  release: (() => void) | null;
}

/**
 * Sessions or pipes of one kind that are opened before they are needed, while something else is waited for: taking
 * one saves the round trips of opening it. What the far end refuses is not asked for again.
 */
export class OpenedAhead<T> {
  readonly #options: AheadOptions<T>;
  readonly #waiting = new Set<Waiting<T>>();
  #expiry: NodeJS.Timeout | undefined;
  #isRefused = false;

  constructor(options: AheadOptions<T>) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The one that was opened first, perhaps still being opened; null if there is none. Its opening may have failed. */
  take(): Promise<T> | null {
    const [first] = this.#waiting;
    if (first === undefined) return null;
    this.#waiting.delete(first);
    first.release?.();
    return first.opening;
  }

  /** Opens as many as are missing until `count` wait. */
  fill(count: number): void {
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => this.clear(), keepMs).unref();
    while (!this.#isRefused && this.#waiting.size < count) this.#add();
  }

  /** Drops all that wait. */
  clear(): void {
    clearTimeout(this.#expiry);
    for (const each of this.#waiting) {
      each.release?.();
      each.opening.then(this.#options.drop, () => undefined);
    }
    this.#waiting.clear();
  }

  #add(): void {
    const opening = this.#options.open();
    const each: Waiting<T> = { opening, release: null };
    this.#waiting.add(each);
    opening.then(
      (opened) => {
        if (!this.#waiting.has(each)) return;
        each.release = this.#options.watch(opened, () => this.#waiting.delete(each));
      },
      () => {
        this.#isRefused = true;
        this.#waiting.delete(each);
      },
    );
  }
}

/** Login shells that wait for a command. */
export function sessionsAhead(connection: SshConnection): OpenedAhead<RemoteCommand> {
  return new OpenedAhead({
    open: () => RemoteCommand.open(connection),
    watch: (session, onGone) => {
      session.ended.catch(() => undefined).finally(onGone);
      return () => undefined;
    },
    drop: (session) => session.drop(),
  });
}

/** Pipes to a port that wait for a request. */
export function pipesAhead(
  connection: SshConnection,
  target: { readonly host: string; readonly port: number },
): OpenedAhead<Duplex> {
  return new OpenedAhead({
    open: () => forward(connection, target),
    watch: (pipe, onGone) => {
      // Nothing was asked, so whatever can be read is its end.
      const gone = (): void => {
        onGone();
        pipe.destroy();
      };
      pipe.once('readable', gone).once('close', gone).once('error', gone);
      return () => pipe.off('readable', gone).off('close', gone).off('error', gone);
    },
    drop: (pipe) => pipe.destroy(),
  });
}
