import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { CanopusError } from '../../app/errors.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { cancelledBy } from './cancelled-by.ts';
import { hostPlatform, serialError, systemErrorCode } from './native-errors.ts';
import { loadSerialBinding, type OpenPort } from './serial-binding.ts';

const readSize = 4096;
/** How long closing waits for the driver; a device that takes no bytes can hold it up for 30 s. */
const closeTimeoutMs = 2_000;

/** A serial port through the serialport module's binding, which is used without its stream: every byte counts. */
export class SerialLink implements ByteLink {
  readonly label: string;
  readonly #port: OpenPort;
  readonly #clock: Clock;
  readonly #received: Uint8Array[] = [];
  #wake: (() => void) | null = null;
  #failure: CanopusError | null = null;
  #writing: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;

  private constructor(tty: string, port: OpenPort, clock: Clock) {
    this.label = tty;
    this.#port = port;
    this.#clock = clock;
    void this.#receive();
  }

  /**
   * Opens a tty raw, 8N1, no flow control, locked against other programs that lock, with DTR asserted. Throws
   * `link/access`, `link/busy` or `link/gone`.
   */
  static async open(tty: string, baudRate: number, clock: Clock): Promise<SerialLink> {
    const port = await openPort(tty, baudRate);
    await setDtr(port, true);
    return new SerialLink(tty, port, clock);
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) throw cancelledBy(signal);
    const before = this.#writing;
    // A write that was begun goes on behind the caller's back when aborted: a device must not see half a message.
    const mine = before.then(() => this.#write(bytes));
    this.#writing = mine.catch(() => undefined);
    await abortable(mine, signal);
  }

  async read(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<Uint8Array> {
    const { timeoutMs, signal } = options;
    if (signal?.aborted === true) throw cancelledBy(signal);
    if (this.#received.length === 0 && this.#failure === null && timeoutMs > 0)
      await this.#arrival(timeoutMs, signal);
    if (this.#closing !== null) throw this.#closed();
    const bytes = joined(this.#received.splice(0));
    if (bytes.length > 0) return bytes;
    if (this.#failure) throw this.#failure;
    throw new CanopusError('link/timeout', `${this.label}: no byte came within ${timeoutMs} ms.`, {
      label: this.label,
      timeoutMs,
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#closing !== null) throw this.#closed();
    if (this.#failure) throw this.#failure;
    try {
      await this.#port.write(Buffer.from(bytes));
    } catch (error) {
      throw this.#fail(error);
    }
  }

  /** Reads for as long as the port is open, so that nothing is lost between two calls of `read`. */
  async #receive(): Promise<void> {
    const buffer = Buffer.alloc(readSize);
    while (this.#failure === null && this.#closing === null) {
      try {
        const { bytesRead } = await this.#port.read(buffer, 0, buffer.length);
        this.#received.push(new Uint8Array(buffer.subarray(0, bytesRead)));
      } catch (error) {
        this.#fail(error);
      }
      this.#wake?.();
    }
  }

  async #arrival(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    const enough = new AbortController();
    this.#wake = () => enough.abort();
    const stop = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
    await this.#clock.sleep(timeoutMs, stop).catch(() => undefined);
    this.#wake = null;
    if (signal?.aborted === true) throw cancelledBy(signal);
  }

  async #close(): Promise<void> {
    const enough = new AbortController();
    this.#wake?.();
    // Without its unsent bytes the kernel need not wait for a device that takes none.
    const closed = this.#port
      .flush()
      .catch(() => undefined)
      .then(() => this.#port.close())
      .catch(() => undefined);
    await Promise.race([closed, this.#clock.sleep(closeTimeoutMs, enough.signal).catch(() => undefined)]);
    enough.abort();
  }

  /** Remembers the first failure: a port that failed once is of no more use. */
  #fail(error: unknown): CanopusError {
    if (this.#closing !== null) return this.#closed();
    this.#failure ??= transferError(this.label, error);
    this.#wake?.();
    return this.#failure;
  }

  #closed(): CanopusError {
    return new CanopusError('link/closed', `${this.label} was closed.`, { label: this.label });
  }
}

async function openPort(tty: string, baudRate: number): Promise<OpenPort> {
  const binding = await loadSerialBinding();
  try {
    // The binding's defaults are what is wanted: raw, 8 data bits, no parity, 1 stop bit, no flow control.
    return await binding.open({ path: tty, baudRate, lock: true });
  } catch (error) {
    const context = { platform: hostPlatform, action: 'open', label: tty } as const;
    throw serialError(await whyNotOpen(tty), context, error);
  }
}

/** The module tells why only in words, so the port is tried once more in a way that answers an errno. */
async function whyNotOpen(tty: string): Promise<string> {
  const path = hostPlatform === 'win32' ? `\\\\.\\${tty}` : tty;
  try {
    const file = await open(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    await file.close();
    // It can be opened, but not be locked.
    return 'EBUSY';
  } catch (error) {
    return systemErrorCode(error) ?? 'EIO';
  }
}

/** A pseudo-terminal has no modem lines; the port is as good without. */
async function setDtr(port: OpenPort, dtr: boolean): Promise<void> {
  await port.set({ dtr, rts: true }).catch(() => undefined);
}

/**
 * Asks Klipper's USB serial firmware for its bootloader: opens the port at 1200 baud with DTR, drops DTR and closes
 * (Katapult's and Klipper's convention, taken over from Arduino). The device usually goes while this happens, which
 * is what was asked for and no error.
 */
export async function touch1200(tty: string): Promise<void> {
  const port = await openPort(tty, 1200);
  try {
    await setDtr(port, true);
    await setDtr(port, false);
  } finally {
    await port.close().catch(() => undefined);
  }
}

function transferError(tty: string, error: unknown): CanopusError {
  // libuv reports a port that was hung up as an error without a code of its own.
  const code = systemErrorCode(error) ?? 'ENODEV';
  return serialError(code, { platform: hostPlatform, action: 'transfer', label: tty }, error);
}

async function abortable(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return work;
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => reject(cancelledBy(signal));
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : new Uint8Array(Buffer.concat(chunks));
}
