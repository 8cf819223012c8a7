import type { Clock } from '../../app/transport/clock.ts';
import type { TransferOptions } from '../../app/transport/usb-link.ts';
import type { Libusb, NativeDevice } from './libusb.ts';

interface TransferOutcome {
  /** libusb's error; undefined if all went well. */
  readonly error: unknown;
  /** How many bytes of data were moved, even by a failed transfer. */
  readonly actual: number;
  readonly timedOut: boolean;
}

interface Pending {
  readonly cancel: () => void;
  readonly outcome: Promise<unknown>;
}

/**
 * The reason for stopping a transfer's timer. One instance for all: an abort without a reason creates an exception each
 * time.
 */
const ended = new Error('The transfer has ended.');

/**
 * The transfers of one open device. Each ends: when it completes, at its time-out, by its signal or by `cancelAll`.
 *
 * Time-outs are kept here and not by libusb. The usb module's builds for Linux and macOS lack libusb's timer (its
 * `HAVE_TIMERFD`): a transfer submitted while the event thread is already waiting times out when that wait ends, up to
 * 60 s late.
 */
export class LibusbTransfers {
  readonly #libusb: Libusb;
  readonly #device: NativeDevice;
  readonly #clock: Clock;
  readonly #pending = new Set<Pending>();

  constructor(libusb: Libusb, device: NativeDevice, clock: Clock) {
    this.#libusb = libusb;
    this.#device = device;
    this.#clock = clock;
  }

  /**
   * `endpoint` 0 takes a buffer that starts with the setup packet. Resolves when the device is done with the buffer.
   */
  async run(
    endpoint: number,
    buffer: Buffer,
    { timeoutMs, signal }: TransferOptions,
  ): Promise<TransferOutcome> {
    const type = endpoint === 0 ? 'control' : 'bulk';
    let cancel = (): void => undefined;
    const outcome = new Promise<Omit<TransferOutcome, 'timedOut'>>((resolve) => {
      const transfer = this.#libusb.transfer(this.#device, endpoint, type, (error, actual) => {
        resolve({ error, actual });
      });
      cancel = () => {
        try {
          transfer.cancel();
        } catch {
          // The device is gone; the transfer ends anyway.
        }
      };
      try {
        transfer.submit(buffer);
      } catch (error) {
        resolve({ error, actual: 0 });
      }
    });
    const pending: Pending = { cancel, outcome };
    let timedOut = false;
    const timer = new AbortController();
    this.#clock.sleep(timeoutMs, timer.signal).then(
      () => {
        timedOut = true;
        cancel();
      },
      () => undefined,
    );
    this.#pending.add(pending);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return { ...(await outcome), timedOut };
    } finally {
      timer.abort(ended);
      signal?.removeEventListener('abort', cancel);
      this.#pending.delete(pending);
    }
  }

  /** Resolves when the last one has ended. */
  async cancelAll(): Promise<void> {
    const pending = [...this.#pending];
    for (const { cancel } of pending) cancel();
    await Promise.all(pending.map(({ outcome }) => outcome));
  }
}
