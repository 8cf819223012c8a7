import { cancelled } from '../../../app/cancelled.ts';
import { CanopusError, isCanopusError, toCanopusError } from '../../../app/errors.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import { PiAsker, type LoginQuestions, type PiAskerOptions } from './pi-asker.ts';

export type LinkStatus =
  | { readonly status: 'away' | 'connecting' | 'connected'; readonly error: null }
  | { readonly status: 'away' | 'refused'; readonly error: CanopusError };

interface PiLinkOptions extends PiAskerOptions {
  readonly open: (questions: LoginQuestions, signal: AbortSignal) => Promise<PiSession>;
  readonly onStatus: (status: LinkStatus) => void;
}

interface Login {
  readonly asker: PiAsker;
  readonly stop: AbortController;
  readonly session: Promise<PiSession>;
}

/** The connection to one Pi: made when needed, shared by all users, made again after it broke. */
export class PiLink {
  readonly #options: PiLinkOptions;
  #login: Login | null = null;
  #isConnected = false;

  constructor(options: PiLinkOptions) {
    this.#options = options;
  }

  /**
   * Does `work` on the Pi, logging in first if necessary. `askPassword` is for sudo, `mayBeRoot` asks for consent. Aborting ends the wait for the
   * login, not the login: others may wait for it, too. Throws `ssh/*`, `cancelled` or as `work` does.
   */
  async use<T>(
    signal: AbortSignal,
    work: (
      session: PiSession,
      askPassword: (attempt: number) => Promise<string | null>,
      mayBeRoot: (purpose: string) => Promise<boolean>,
    ) => Promise<T>,
  ): Promise<T> {
    const login = (this.#login ??= this.#begin());
    const session = await unlessAborted(login.session, signal);
    try {
      const { label } = session;
      const mayBeRoot = (purpose: string): Promise<boolean> => login.asker.mayBeRoot(label, purpose, signal);
      return await work(session, login.asker.sudoPassword(label, signal), mayBeRoot);
    } catch (error) {
      if (isBroken(error)) this.#drop(login, toCanopusError(error));
      throw error;
    }
  }

  /** The password that the Pi has accepted for this login; null if it is not logged in, or by a key. */
  get password(): string | null {
    return this.#isConnected ? (this.#login?.asker.password ?? null) : null;
  }

  /** Begins a login; does nothing if there is one, or one has begun. */
  connect(): void {
    this.#login ??= this.#begin();
  }

  /** Logs out, or cancels the login. */
  async close(): Promise<void> {
    const login = this.#login;
    if (login === null) return;
    this.#login = null;
    login.stop.abort(new CanopusError('cancelled', 'The login was cancelled.'));
    await login.session.then(
      (session) => session[Symbol.asyncDispose](),
      () => undefined,
    );
    this.#options.onStatus({ status: 'away', error: null });
  }

  #begin(): Login {
    const { open, onStatus } = this.#options;
    const stop = new AbortController();
    const asker = new PiAsker(this.#options);
    this.#isConnected = false;
    onStatus({ status: 'connecting', error: null });
    const login = { asker, stop, session: open(asker.questions(stop.signal), stop.signal) };
    login.session.then(
      () => {
        if (this.#login !== login) return;
        this.#isConnected = true;
        onStatus({ status: 'connected', error: null });
      },
      (error: unknown) => {
        if (this.#login !== login) return;
        this.#login = null;
        onStatus({ status: 'refused', error: toCanopusError(error) });
      },
    );
    return login;
  }

  #drop(login: Login, error: CanopusError): void {
    if (this.#login !== login) return;
    this.#login = null;
    this.#options.onStatus({ status: 'away', error });
    login.session.then((session) => session[Symbol.asyncDispose]()).catch(() => undefined);
  }
}

function isBroken(error: unknown): boolean {
  return isCanopusError(error, 'shell/lost') || isCanopusError(error, 'shell/closed');
}

/** Waits for the promise, unless the caller gives up. */
function unlessAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    waited.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
