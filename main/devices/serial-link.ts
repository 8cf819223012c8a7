import { untilAborted } from '../../app/aborted.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { CanopusError } from '../../app/errors.ts';
import { hostSystem } from './host-system.ts';
import { interruptWaits } from './interrupt-waits.ts';
import { serialError, systemErrorCode, type Platform } from './native-errors.ts';
import { openTty, setModemLines, type SerialSystem } from './open-tty.ts';
import type { ReadOptions } from './pending-reads.ts';
import { ReceivedBytes } from './received-bytes.ts';
import type { OpenPort } from './serial-binding.ts';

const readSize = 4096;
/** How long the driver may take to send what is left. A device that accepts no bytes would block it for 30 s. */
const drainTimeoutMs = 500;
/** How long closing waits after the driver was told to stop waiting. */
const closeTimeoutMs = 1_000;

/** A serial port through the serialport module's binding, without its stream: every byte counts. */
export class SerialLink implements ByteLink {
  readonly label: string;
  readonly #platform: Platform;
  readonly #port: OpenPort;
  readonly #clock: Clock;
  readonly #received: ReceivedBytes;
  #failure: CanopusError | null = null;
  #lastWrite: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;

  private constructor(platform: Platform, tty: string, port: OpenPort, clock: Clock) {
    this.label = tty;
    this.#platform = platform;
    this.#port = port;
    this.#clock = clock;
    this.#received = new ReceivedBytes(tty, clock);
    void this.#receive();
  }

  /**
   * Opens a tty raw, 8N1, no flow control, locked against other programs that lock, with DTR asserted. Throws
   * `link/access`, `link/busy` or `link/gone`.
   */
  static async open(
    tty: string,
    baudRate: number,
    clock: Clock,
    system: SerialSystem = hostSystem(),
  ): Promise<SerialLink> {
    const port = await openTty(system, tty, baudRate);
    await setModemLines(port, { dtr: true });
    return new SerialLink(system.platform, tty, port, clock);
  }

  /** A write in progress continues on abort: a device must not get half a message. */
  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const copy = Buffer.from(bytes);
    const mine = this.#lastWrite.then(() => {
      signal?.throwIfAborted();
      return this.#write(copy);
    });
    this.#lastWrite = mine.catch(() => undefined);
    await untilAborted(mine, signal);
  }

  read(options: ReadOptions): Promise<Uint8Array> {
    return this.#received.read(options);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#closing !== null) throw this.#closed();
    if (this.#failure) throw this.#failure;
    try {
      await this.#port.write(bytes);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /**
   * Reads as long as the port is open, so that nothing is lost between two calls of `read`. What does not fit waits in
   * the driver, which stops the device.
   */
  async #receive(): Promise<void> {
    const buffer = Buffer.alloc(readSize);
    while (this.#failure === null && this.#closing === null) {
      try {
        const { bytesRead } = await this.#port.read(buffer, 0, buffer.length);
        this.#received.push(new Uint8Array(buffer.subarray(0, bytesRead)));
        await this.#received.room();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  async #close(): Promise<void> {
    this.#received.end(this.#closed());
    // Without unsent bytes the driver need not wait for a device that accepts none.
    const closed = this.#port
      .flush()
      .catch(() => undefined)
      .then(() => this.#port.close())
      .then(
        () => true,
        () => true,
      );
    if (await this.#within(drainTimeoutMs, closed)) return;
    // Older Linux cannot discard what cdc_acm has handed to USB and waits for it to be sent.
    interruptWaits();
    await this.#within(closeTimeoutMs, closed);
  }

  async #within(timeoutMs: number, closed: Promise<boolean>): Promise<boolean> {
    const enough = new AbortController();
    const late = this.#clock.sleep(timeoutMs, enough.signal).then(
      () => false,
      () => false,
    );
    const isClosed = await Promise.race([closed, late]);
    enough.abort();
    return isClosed;
  }

  /** Remembers the first failure: a port that failed once is unusable. */
  #fail(error: unknown): CanopusError {
    if (this.#closing !== null) return this.#closed();
    if (this.#failure) return this.#failure;
    // libuv reports a port that was hung up as an error without its own code.
    const code = systemErrorCode(error) ?? 'ENODEV';
    this.#failure = serialError(
      code,
      { platform: this.#platform, action: 'transfer', label: this.label },
      error,
    );
    this.#received.end(this.#failure);
    return this.#failure;
  }

  #closed(): CanopusError {
    return new CanopusError('link/closed', `${this.label} was closed.`, { label: this.label });
  }
}
