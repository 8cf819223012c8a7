import { setMaxListeners } from 'node:events';
import type { ByteLink } from '../../../app/transport/byte-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { cdcRequest, lineCoding } from '../cdc/cdc-requests.ts';
import type { AttachedDevice } from '../bus/attached-device.ts';
import { noBytes } from '../bus/usb-function.ts';
import { closedError, goneError, timeoutError, toLinkError } from './link-errors.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { SendQueue } from './send-queue.ts';
import { WaitLimit } from './wait-limit.ts';

const bulkInEndpoint = 0x81;
const bulkOutEndpoint = 0x02;
/** Like Linux's cdc_acm driver: sixteen reads of two packets in flight, writes of twenty packets, sixteen of them. */
const readBytes = 128;
const readsInFlight = 16;
const writeBytes = 1280;
const sendBufferBytes = 16 * writeBytes;
/** Linux's tty layer buffers about this much unread data. */
const receiveBufferBytes = 64 * 1024;

/**
 * A virtual device's CDC-ACM port as a serial port in the same process: the parts of cdc_acm and the tty layer in a
 * kernel. Claim the device before.
 */
export class SimByteLink implements ByteLink {
  readonly label: string;
  readonly #device: AttachedDevice;
  readonly #clock: Clock;
  readonly #received = new ReceiveQueue(receiveBufferBytes);
  readonly #toSend = new SendQueue(sendBufferBytes);
  /** Aborted with the reason when the link ends. */
  readonly #end = new AbortController();
  readonly #stopWatching: () => void;
  #closed = false;

  private constructor(device: AttachedDevice, clock: Clock, label: string) {
    this.label = label;
    this.#device = device;
    this.#clock = clock;
    // Every transfer in flight has a listener.
    setMaxListeners(0, this.#end.signal);
    this.#stopWatching = device.onDetach(() => this.#finish(goneError(this.label)));
  }

  /** Raises DTR and RTS and sets the line, in the order in which opening a tty does, then keeps reading. */
  static async open(
    device: AttachedDevice,
    clock: Clock,
    label: string,
    baudRate: number,
  ): Promise<SimByteLink> {
    const link = new SimByteLink(device, clock, label);
    try {
      await link.setDtr(true);
      await link.#request(cdcRequest.setLineCoding, 0, lineCoding(baudRate));
    } catch (error) {
      link.#finish(closedError(label));
      throw error;
    }
    void link.#receive();
    void link.#send();
    return link;
  }

  /** Sets DTR and RTS. */
  async setDtr(on: boolean): Promise<void> {
    await this.#request(cdcRequest.setControlLineState, on ? 3 : 0, noBytes);
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    this.#requireOpen(signal);
    const limit = new WaitLimit([signal, this.#end.signal]);
    try {
      await this.#toSend.write(bytes.slice(), limit.signal);
    } finally {
      limit.dispose();
    }
  }

  async read(options: { timeoutMs: number; signal?: AbortSignal | undefined }): Promise<Uint8Array> {
    const { timeoutMs, signal } = options;
    this.#requireOpen(signal);
    const ready = this.#received.takeReady();
    if (ready !== null) return ready;
    const error = () => timeoutError(this.label, timeoutMs);
    const limit = new WaitLimit([signal, this.#end.signal], { clock: this.#clock, timeoutMs, error });
    try {
      return await this.#received.take(limit.signal);
    } finally {
      limit.dispose();
    }
  }

  close(): Promise<void> {
    if (!this.#end.signal.aborted) {
      // Closing a tty lowers DTR; a busy device does not keep the host from closing.
      this.setDtr(false).catch(() => undefined);
    }
    this.#closed = true;
    this.#finish(closedError(this.label));
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #request(bRequest: number, wValue: number, data: Uint8Array): Promise<void> {
    const setup = { bmRequestType: 0x21, bRequest, wValue, wIndex: 0, wLength: data.length };
    try {
      await this.#device.control(setup, data);
    } catch (error) {
      throw toLinkError(error, this.label);
    }
  }

  async #receive(): Promise<void> {
    const pending: Promise<Uint8Array>[] = [];
    try {
      while (!this.#end.signal.aborted) {
        await this.#received.room();
        while (pending.length < readsInFlight) {
          const transfer = this.#device.bulkIn(bulkInEndpoint, readBytes, this.#end.signal);
          transfer.catch(() => undefined);
          pending.push(transfer);
        }
        this.#received.push((await pending.shift()) ?? noBytes);
      }
    } catch (error) {
      this.#finish(toLinkError(error, this.label));
    }
  }

  async #send(): Promise<void> {
    try {
      while (!this.#end.signal.aborted) {
        const chunk = await this.#toSend.next(writeBytes);
        await this.#device.bulkOut(bulkOutEndpoint, chunk, this.#end.signal);
        this.#toSend.sent(chunk.length);
      }
    } catch (error) {
      this.#finish(toLinkError(error, this.label));
    }
  }

  #requireOpen(signal: AbortSignal | undefined): void {
    if (this.#closed) throw closedError(this.label);
    this.#end.signal.throwIfAborted();
    signal?.throwIfAborted();
  }

  #finish(reason: unknown): void {
    if (this.#end.signal.aborted) return;
    this.#end.abort(reason);
    this.#stopWatching();
    this.#device.release();
  }
}
