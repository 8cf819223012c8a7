import { CanopusError } from '../../../app/errors.ts';
import type { CanFrame, CanHealth, CanLink } from '../../../app/transport/can-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { CanBus } from '../can/can-bus.ts';
import type { CanPort } from '../can/can-port.ts';
import { closedError, timeoutError } from './link-errors.ts';
import { WaitLimit } from './wait-limit.ts';

interface Waiter {
  readonly resolve: (frame: CanFrame) => void;
  readonly reject: (error: unknown) => void;
}

/** An adapter of its own on a virtual bus, as a CAN controller beside a computer is. */
export class SimCanLink implements CanLink {
  readonly label: string;
  readonly #port: CanPort;
  readonly #clock: Clock;
  readonly #received: CanFrame[] = [];
  readonly #readers: Waiter[] = [];
  readonly #unsent: { frame: CanFrame; taken: () => void; reject: (error: unknown) => void }[] = [];
  #failure: CanopusError | null = null;

  constructor(
    bus: CanBus,
    { clock, label, bitrateBps }: { clock: Clock; label: string; bitrateBps: number },
  ) {
    this.label = label;
    this.#clock = clock;
    this.#port = bus.attach({
      ...{ bitrateBps, recoversFromBusOff: false },
      receive: (frame) => this.#take(frame),
      sent: () => this.#post(),
    });
  }

  get health(): CanHealth | null {
    if (this.#port.isBusOff) return 'bus-off';
    return this.#port.isErrorPassive ? 'error-passive' : 'error-active';
  }

  /** The adapter is pulled. */
  unplug(): void {
    this.#end(new CanopusError('link/gone', `${this.label}: the adapter is gone.`));
  }

  send(frame: CanFrame, signal?: AbortSignal): Promise<void> {
    return new Promise((taken, reject) => {
      signal?.throwIfAborted();
      if (this.#failure !== null) throw this.#failure;
      this.#unsent.push({ frame: { ...frame, data: frame.data.slice() }, taken, reject });
      this.#post();
    });
  }

  async receive({
    timeoutMs,
    signal,
  }: {
    timeoutMs: number;
    signal?: AbortSignal | undefined;
  }): Promise<CanFrame> {
    signal?.throwIfAborted();
    const ready = this.#received.shift();
    if (ready !== undefined) return ready;
    if (this.#failure !== null) throw this.#failure;
    const error = () => timeoutError(this.label, timeoutMs);
    const limit = new WaitLimit([signal], { clock: this.#clock, timeoutMs, error });
    try {
      return await new Promise<CanFrame>((resolve, reject) => {
        const reader = { resolve, reject };
        this.#readers.push(reader);
        limit.signal.addEventListener('abort', () => {
          const at = this.#readers.indexOf(reader);
          if (at >= 0) this.#readers.splice(at, 1);
          reject(limit.signal.reason as Error);
        });
      });
    } finally {
      limit.dispose();
    }
  }

  close(): Promise<void> {
    this.#end(closedError(this.label));
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(frame: CanFrame): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#received.push(frame);
    else reader.resolve(frame);
  }

  #post(): void {
    for (;;) {
      const [next] = this.#unsent;
      if (next === undefined || !this.#port.post(next.frame)) return;
      this.#unsent.shift();
      next.taken();
    }
  }

  #end(error: CanopusError): void {
    this.#failure = error;
    this.#port.remove();
    this.#received.length = 0;
    for (const { reject } of this.#readers.splice(0)) reject(error);
    for (const { reject } of this.#unsent.splice(0)) reject(error);
  }
}
