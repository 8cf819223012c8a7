import type { OpenPort } from '../../devices/serial-binding.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { SimByteLink } from '../links/sim-byte-link.ts';

/** A read of the serialport module waits as long as the port is open. */
const forEverMs = 2 ** 31 - 1;

/** A virtual serial port, as open in the serialport module's binding. */
export class ViewedPort implements OpenPort {
  readonly #link: SimByteLink;
  #rest = new Uint8Array(0);

  constructor(link: SimByteLink) {
    this.#link = link;
  }

  async read(buffer: Buffer, offset: number, length: number): Promise<{ readonly bytesRead: number }> {
    while (this.#rest.length === 0) {
      try {
        this.#rest = Uint8Array.from(await this.#link.read({ timeoutMs: forEverMs }));
      } catch (error) {
        if (!isCanopusError(error, 'link/timeout')) throw asModuleSays(error);
      }
    }
    const part = this.#rest.subarray(0, length);
    buffer.set(part, offset);
    this.#rest = this.#rest.slice(part.length);
    return { bytesRead: part.length };
  }

  async write(buffer: Buffer): Promise<void> {
    try {
      await this.#link.write(new Uint8Array(buffer));
    } catch (error) {
      throw asModuleSays(error);
    }
  }

  flush(): Promise<void> {
    this.#rest = new Uint8Array(0);
    return Promise.resolve();
  }

  async set({ dtr }: { readonly dtr: boolean }): Promise<void> {
    try {
      await this.#link.setDtr(dtr);
    } catch (error) {
      throw asModuleSays(error);
    }
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** The module's errors carry words and no code (serialport_win.cpp, `ErrorCodeToString`). */
function asModuleSays(cause: unknown): Error {
  return new Error('Reading from COM port: Operation aborted', { cause });
}
