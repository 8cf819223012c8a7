import { hex16 } from '../../app/hex.ts';
import { refusedDeviceById } from '../../app/boards/refused-device.ts';
import { CanopusError, isCanopusError, toCanopusError } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { ControlSetup, TransferOptions, UsbLink } from '../../app/transport/usb-link.ts';
import { KernelDrivers } from './kernel-drivers.ts';
import { LibusbTransfers } from './libusb-transfers.ts';
import { naming, transferStatus, type Libusb, type NativeCallback, type NativeDevice } from './libusb.ts';
import { libusbErrno, libusbError, type NativeAction, type Platform } from './native-errors.ts';
import { readDescriptors } from './read-descriptors.ts';
import { requireAllTaken } from './whole-transfer.ts';

/** Facts about a device that is about to be opened. */
interface LibusbTarget {
  readonly platform: Platform;
  readonly libusb: Libusb;
  readonly device: NativeDevice;
  readonly portPath: string;
  readonly clock: Clock;
  /** Whether the port still holds this arrival of the device. */
  readonly isPresent: () => Promise<boolean>;
}

const setupLength = 8;
const directionIn = 0x80;

/** A pulled cable first shows as a failed transfer; the hub reports the removal some time later. */
const unplugNoticeMs = 300;
/** How long closing waits for cancelled transfers. */
const closeTimeoutMs = 2_000;

/** Devices that this process has open: libusb would open the same one twice. */
const opened = new WeakSet<NativeDevice>();

/** A USB device opened through libusb. */
export class LibusbLink implements UsbLink {
  readonly label: string;
  readonly portPath: string;
  readonly #target: LibusbTarget;
  readonly #transfers: LibusbTransfers;
  readonly #drivers: KernelDrivers;
  readonly #claimed = new Set<number>();
  #deviceDescriptor: Uint8Array = new Uint8Array(0);
  #configurationDescriptor: Uint8Array = new Uint8Array(0);
  #closing: Promise<void> | null = null;
  #isGone = false;

  private constructor(target: LibusbTarget, label: string) {
    this.#target = target;
    this.#transfers = new LibusbTransfers(target.libusb, target.device, target.clock);
    this.#drivers = new KernelDrivers(target.device);
    this.portPath = target.portPath;
    this.label = label;
  }

  /**
   * Opens the device and reads its raw descriptors. Throws `link/access`, `link/busy` or `link/no-driver` if the system
   * refuses, and what transfers throw if the device does not reply.
   */
  static async open(target: LibusbTarget): Promise<LibusbLink> {
    const { device, portPath } = target;
    const { idVendor, idProduct } = device.deviceDescriptor;
    const label = `${hex16(idVendor)}:${hex16(idProduct)} at ${portPath}`;
    if (opened.has(device))
      throw new CanopusError('link/busy', `${label}: this program has it open already.`, { label });
    const link = new LibusbLink(target, label);
    naming(() => device.open(false), link.#named('open'));
    opened.add(device);
    try {
      const read = readDescriptors(device, (setup, length, options) =>
        link.controlIn(setup, length, options),
      );
      [link.#deviceDescriptor, link.#configurationDescriptor] = await read;
      return link;
    } catch (error) {
      await link.close();
      throw error;
    }
  }

  get deviceDescriptor(): Uint8Array {
    return this.#deviceDescriptor;
  }

  get configurationDescriptor(): Uint8Array {
    return this.#configurationDescriptor;
  }

  async controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    const buffer = controlBuffer(setup, length);
    const actual = await this.#transfer(0, buffer, options);
    return new Uint8Array(buffer.subarray(setupLength, setupLength + actual));
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    const buffer = controlBuffer(setup, data.length);
    buffer.set(data, setupLength);
    const actual = await this.#transfer(0, buffer, options);
    requireAllTaken(this.label, actual, data.length);
  }

  async bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    const buffer = Buffer.alloc(length);
    const actual = await this.#transfer(endpoint, buffer, options);
    return new Uint8Array(buffer.subarray(0, actual));
  }

  async bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    const buffer = Buffer.from(data);
    const actual = await this.#transfer(endpoint, buffer, options);
    requireAllTaken(this.label, actual, data.length);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a synchronous call that must reject, not throw
  async claimInterface(interfaceNumber: number): Promise<void> {
    this.#mustBeOpen();
    const { device, platform } = this.#target;
    naming(() => {
      if (platform === 'linux') this.#drivers.detach(interfaceNumber);
      device.__claimInterface(interfaceNumber);
    }, this.#named('claim'));
    this.#claimed.add(interfaceNumber);
  }

  async setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    this.#mustBeOpen();
    const { device } = this.#target;
    await this.#request('claim', (done) => device.__setInterface(interfaceNumber, alternateSetting, done));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Returns how many bytes of data were moved. `endpoint` 0 takes a buffer that begins with the setup packet. */
  async #transfer(endpoint: number, buffer: Buffer, options: TransferOptions): Promise<number> {
    this.#mustBeOpen();
    const { signal } = options;
    signal?.throwIfAborted();
    const { error, actual, timedOut } = await this.#transfers.run(endpoint, buffer, options);
    if (error === undefined) return actual;
    const { device } = this.#target;
    const errno = libusbErrno(error);
    if (errno === null) throw toCanopusError(error);
    if (errno === transferStatus.cancelled) {
      // Data that arrived before the time-out is not lost: the device will not send it again.
      if (actual > 0 && (endpoint & directionIn) !== 0) return actual;
      signal?.throwIfAborted();
      if (!timedOut) throw closedError(this.label);
      throw this.#named('transfer')(transferStatus.timedOut, error);
    }
    if (errno === transferStatus.stall && endpoint !== 0) {
      // A bulk pipe stays halted until the halt is cleared (USB 2.0, 9.4.5); a control pipe recovers without that.
      await this.#request('transfer', (done) => device.__clearHalt(endpoint, done)).catch(() => undefined);
    }
    throw await this.#nameTransferError(errno, error);
  }

  /** One of libusb's requests that reply by callback and take no time-out. */
  async #request(action: NativeAction, start: (done: NativeCallback) => void): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        start((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      });
    } catch (error) {
      const errno = libusbErrno(error);
      throw errno === null ? error : this.#named(action)(errno, error);
    }
  }

  async #nameTransferError(errno: number, cause: unknown): Promise<CanopusError> {
    const error = this.#named('transfer')(errno, cause);
    if (isCanopusError(error, 'link/io')) {
      const { clock, isPresent } = this.#target;
      if (await isPresent()) await clock.sleep(unplugNoticeMs);
      if (!(await isPresent())) this.#isGone = true;
    }
    if (isCanopusError(error, 'link/gone')) this.#isGone = true;
    return this.#isGone ? goneError(this.label, cause) : error;
  }

  async #close(): Promise<void> {
    const { device, clock } = this.#target;
    const deadline = new AbortController();
    const ended = (async () => {
      await this.#transfers.cancelAll();
      for (const interfaceNumber of this.#claimed) {
        await this.#request('claim', (done) => device.__releaseInterface(interfaceNumber, done)).catch(
          () => undefined,
        );
      }
      this.#drivers.putBack();
    })();
    await Promise.race([ended, clock.sleep(closeTimeoutMs, deadline.signal).catch(() => undefined)]);
    deadline.abort();
    try {
      device.close();
    } catch {
      // A transfer that could not be cancelled in time: the handle stays open until it ends.
    }
    opened.delete(device);
  }

  #named(action: NativeAction): (errno: number, cause: unknown) => CanopusError {
    const { platform, device: native } = this.#target;
    const { idVendor, idProduct } = native.deviceDescriptor;
    const context = { platform, action, label: this.label, device: refusedDeviceById(idVendor, idProduct) };
    return (errno, cause) => libusbError(errno, context, cause);
  }

  #mustBeOpen(): void {
    if (this.#closing !== null) throw closedError(this.label);
    if (this.#isGone) throw goneError(this.label);
  }
}

function controlBuffer({ bmRequestType, bRequest, wValue, wIndex }: ControlSetup, length: number): Buffer {
  const buffer = Buffer.alloc(setupLength + length);
  buffer.writeUInt8(bmRequestType, 0);
  buffer.writeUInt8(bRequest, 1);
  buffer.writeUInt16LE(wValue, 2);
  buffer.writeUInt16LE(wIndex, 4);
  buffer.writeUInt16LE(length, 6);
  return buffer;
}

function closedError(label: string): CanopusError {
  return new CanopusError('link/closed', `${label} was closed.`, { label });
}

function goneError(label: string, cause?: unknown): CanopusError {
  return new CanopusError('link/gone', `${label}: the device is gone.`, { label }, { cause });
}
