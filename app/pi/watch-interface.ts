import { throwIfCancelled } from '../cancelled.ts';
import { CanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import type { CanInterface } from './can-interface.ts';
import type { PiHost } from './pi-host.ts';
import type { PiGoal } from './plan-types.ts';

/** Up, with the wished bit rate and queue length. */
function meetsGoal(found: CanInterface | null, goal: PiGoal): found is CanInterface {
  return (
    found !== null &&
    found.up &&
    found.bitrateBps === goal.bitrateBps &&
    found.txQueueLength === goal.txQueueLength
  );
}

/** Names what is wrong with the interface in its last state. */
function interfaceError(found: CanInterface | null, goal: PiGoal, label: string): CanopusError {
  const { interfaceName, bitrateBps, txQueueLength } = goal;
  if (found === null) {
    return new CanopusError('pi/interface-missing', `there is no ${interfaceName} on ${label}`, {
      interfaceName,
    });
  }
  if (!found.up) {
    return new CanopusError('pi/interface-down', `${interfaceName} on ${label} exists but is down`, {
      interfaceName,
    });
  }
  const message = `${interfaceName} on ${label} is up with ${found.bitrateBps ?? 'no'} bit/s and queue length ${found.txQueueLength}, not with ${bitrateBps} bit/s and ${txQueueLength}`;
  return new CanopusError('pi/interface-wrong', message, {
    interfaceName,
    txQueueLength: found.txQueueLength,
  });
}

/** Watches until `done` returns true for a state or calls `stop`, or the time is over. */
async function watchUntil(
  host: PiHost,
  goal: PiGoal,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  done: (found: CanInterface | null, stop: () => void) => boolean,
): Promise<void> {
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await host.watch(goal.interfaceName, {
      timeoutMs,
      signal: enough.signal,
      onState: (found) => {
        if (!enough.signal.aborted && done(found, stop)) stop();
      },
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  throwIfCancelled(signal);
}

/** Waits until the interface is as wished. Throws `pi/interface-missing`, `-down`, `-wrong`. */
export async function waitForInterface(
  host: PiHost,
  goal: PiGoal,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<CanInterface> {
  const states: (CanInterface | null)[] = [];
  await watchUntil(host, goal, timeoutMs, signal, (found) => {
    states.push(found);
    return meetsGoal(found, goal);
  });
  const last = states.at(-1) ?? null;
  if (meetsGoal(last, goal)) return last;
  throw interfaceError(last, goal, host.label);
}

interface ReturnSeen {
  readonly before: CanInterface;
  readonly after: CanInterface;
  /** From the first look without the interface; null if it was back before that. */
  readonly awayMs: number | null;
}

interface ReturnOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Called once, when the interface was seen. */
  readonly reset: () => Promise<void>;
}

/**
 * Watches the interface while the bridge is reset: it must disappear, which a new interface index proves too, and be
 * back as wished. Throws `pi/did-not-return`, saying how far it came, or what `reset` throws.
 */
export async function watchReturn(host: PiHost, goal: PiGoal, options: ReturnOptions): Promise<ReturnSeen> {
  const watched = new ReturnWatch(goal, options);
  await watchUntil(host, goal, options.timeoutMs, options.signal, (found, stop) => watched.take(found, stop));
  return watched.result(host.label);
}

/** What the reset has shown so far. */
class ReturnWatch {
  readonly #goal: PiGoal;
  readonly #options: ReturnOptions;
  #before: CanInterface | null = null;
  #last: CanInterface | null = null;
  #after: CanInterface | null = null;
  #goneAtMs: number | null = null;
  #backAtMs = 0;
  #went = false;
  #reset: Promise<void> = Promise.resolve();

  constructor(goal: PiGoal, options: ReturnOptions) {
    this.#goal = goal;
    this.#options = options;
  }

  /** True if nothing more needs to be seen. */
  take(found: CanInterface | null, stop: () => void): boolean {
    const { clock } = this.#options;
    this.#last = found;
    if (this.#before === null) {
      if (found === null) return false;
      this.#before = found;
      this.#reset = this.#options.reset();
      this.#reset.catch(stop);
      return false;
    }
    if (found === null) this.#goneAtMs ??= clock.nowMs();
    this.#went ||= found === null || found.index !== this.#before.index;
    if (this.#went && meetsGoal(found, this.#goal)) {
      this.#after = found;
      this.#backAtMs = clock.nowMs();
    }
    return this.#after !== null;
  }

  async result(label: string): Promise<ReturnSeen> {
    await this.#reset;
    if (this.#before !== null && this.#after !== null) {
      const awayMs = this.#goneAtMs === null ? null : this.#backAtMs - this.#goneAtMs;
      return { before: this.#before, after: this.#after, awayMs };
    }
    const { interfaceName } = this.#goal;
    const seconds = this.#options.timeoutMs / 1000;
    const how =
      this.#before === null
        ? 'it never existed'
        : this.#went
          ? interfaceError(this.#last, this.#goal, label).message
          : 'it did not disappear, so the reset did nothing';
    const message = `${interfaceName} on ${label} did not come back within ${seconds} s of the reset: ${how}`;
    throw new CanopusError('pi/did-not-return', message, { interfaceName, seconds });
  }
}
