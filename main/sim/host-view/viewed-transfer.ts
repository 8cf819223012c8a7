import type { NativeTransfer } from '../../devices/libusb.ts';
import { errno, nativeFailure, transferFailure } from './native-failure.ts';
import type { ViewedDevice } from './viewed-device.ts';

const setupBytes = 8;
const directionIn = 0x80;

/** A transfer of the usb module to a virtual device. */
export class ViewedTransfer implements NativeTransfer {
  readonly #device: ViewedDevice;
  readonly #endpoint: number;
  readonly #done: (error: unknown, actual: number) => void;
  readonly #stop = new AbortController();

  constructor(device: ViewedDevice, endpoint: number, done: (error: unknown, actual: number) => void) {
    this.#device = device;
    this.#endpoint = endpoint;
    this.#done = done;
  }

  submit(buffer: Buffer): void {
    if (!this.#device.attached.attached) throw nativeFailure(errno.noDevice);
    if (this.#endpoint !== 0 && !this.#device.owns(this.#endpoint)) throw nativeFailure(errno.notFound);
    this.#run(buffer).then(
      (actual) => this.#done(undefined, actual),
      (error: unknown) => this.#done(transferFailure(error), 0),
    );
  }

  cancel(): void {
    this.#stop.abort();
  }

  async #run(buffer: Buffer): Promise<number> {
    const { attached } = this.#device;
    const { signal } = this.#stop;
    if (this.#endpoint === 0) return this.#control(buffer);
    if ((this.#endpoint & directionIn) === 0) {
      await attached.bulkOut(this.#endpoint, new Uint8Array(buffer), signal);
      return buffer.length;
    }
    const bytes = await attached.bulkIn(this.#endpoint, buffer.length, signal);
    buffer.set(bytes);
    return bytes.length;
  }

  /** The buffer starts with the setup packet (USB 2.0, table 9-2). */
  async #control(buffer: Buffer): Promise<number> {
    const setup = {
      bmRequestType: buffer.readUInt8(0),
      bRequest: buffer.readUInt8(1),
      wValue: buffer.readUInt16LE(2),
      wIndex: buffer.readUInt16LE(4),
      wLength: buffer.readUInt16LE(6),
    };
    const isIn = (setup.bmRequestType & directionIn) !== 0;
    const data = isIn ? new Uint8Array(0) : new Uint8Array(buffer.subarray(setupBytes));
    const answer = await this.#device.attached.control(setup, data, this.#stop.signal);
    if (!isIn) return data.length;
    buffer.set(answer, setupBytes);
    return answer.length;
  }
}
