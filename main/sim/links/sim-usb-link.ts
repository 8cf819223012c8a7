import { setMaxListeners } from 'node:events';
import { hex16 } from '../../../app/hex.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { ControlSetup, TransferOptions, UsbLink } from '../../../app/transport/usb-link.ts';
import type { AttachedDevice } from '../bus/attached-device.ts';
import { clearHaltSetup, standardRequest } from '../bus/standard-requests.ts';
import { noBytes, UsbGone, UsbStall } from '../bus/usb-function.ts';
import { closedError, timeoutError, toLinkError } from './link-errors.ts';
import { WaitLimit } from './wait-limit.ts';

/** A virtual device as a USB link in the same process. Claim the device before. */
export class SimUsbLink implements UsbLink {
  readonly label: string;
  readonly portPath: string;
  readonly deviceDescriptor: Uint8Array;
  readonly configurationDescriptor: Uint8Array;
  readonly #device: AttachedDevice;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #claimed = new Set<number>();
  readonly #interfaceOf: ReadonlyMap<number, number>;

  constructor(device: AttachedDevice, clock: Clock) {
    const { descriptors } = device.fn;
    this.#device = device;
    this.#clock = clock;
    // One for each transfer under way, of which there may be many.
    setMaxListeners(0, this.#closing.signal);
    this.portPath = device.portPath;
    this.deviceDescriptor = descriptors.device.slice();
    this.configurationDescriptor = descriptors.configuration.slice();
    const ids = new DataView(this.deviceDescriptor.buffer);
    this.label = `${hex16(ids.getUint16(8, true))}:${hex16(ids.getUint16(10, true))} at ${this.portPath}`;
    this.#interfaceOf = endpointOwners(this.configurationDescriptor);
  }

  controlIn(setup: ControlSetup, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#run(options, (signal) =>
      this.#device.control({ ...setup, wLength: length }, noBytes, signal),
    );
  }

  async controlOut(setup: ControlSetup, data: Uint8Array, options: TransferOptions): Promise<void> {
    const bytes = data.slice();
    await this.#run(options, (signal) =>
      this.#device.control({ ...setup, wLength: bytes.length }, bytes, signal),
    );
  }

  bulkIn(endpoint: number, length: number, options: TransferOptions): Promise<Uint8Array> {
    return this.#run(options, (signal) => {
      this.#requireClaim(endpoint);
      return this.#unhalting(endpoint, this.#device.bulkIn(endpoint, length, signal));
    });
  }

  bulkOut(endpoint: number, data: Uint8Array, options: TransferOptions): Promise<void> {
    return this.#run(options, (signal) => {
      this.#requireClaim(endpoint);
      return this.#unhalting(endpoint, this.#device.bulkOut(endpoint, data, signal));
    });
  }

  claimInterface(interfaceNumber: number): Promise<void> {
    return this.#run({ timeoutMs: 1000 }, () => {
      if (interfaceNumber >= (this.configurationDescriptor[4] ?? 0)) {
        throw new CanopusError('link/io', `${this.label} has no interface ${interfaceNumber}.`, {
          interfaceNumber,
        });
      }
      this.#claimed.add(interfaceNumber);
      return Promise.resolve();
    });
  }

  async setAltSetting(interfaceNumber: number, alternateSetting: number): Promise<void> {
    await this.controlOut(
      {
        bmRequestType: 0x01,
        bRequest: standardRequest.setInterface,
        wValue: alternateSetting,
        wIndex: interfaceNumber,
      },
      noBytes,
      { timeoutMs: 5000 },
    );
  }

  close(): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort(closedError(this.label));
      this.#device.release();
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run<T>(options: TransferOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { timeoutMs, signal } = options;
    if (this.#closing.signal.aborted) throw closedError(this.label);
    signal?.throwIfAborted();
    const error = () => timeoutError(this.label, timeoutMs);
    const limit = new WaitLimit([signal, this.#closing.signal], { clock: this.#clock, timeoutMs, error });
    try {
      if (!this.#device.attached) throw new UsbGone('the device left the bus');
      return await work(limit.signal);
    } catch (error) {
      throw toLinkError(error, this.label);
    } finally {
      limit.dispose();
    }
  }

  /** As with libusb here: a bulk pipe that was refused works again for the next transfer. */
  async #unhalting<T>(endpoint: number, transfer: Promise<T>): Promise<T> {
    try {
      return await transfer;
    } catch (error) {
      if (error instanceof UsbStall)
        await this.#device.control(clearHaltSetup(endpoint), noBytes).catch(() => undefined);
      throw error;
    }
  }

  #requireClaim(endpoint: number): void {
    const owner = this.#interfaceOf.get(endpoint);
    if (owner === undefined || !this.#claimed.has(owner)) {
      throw new CanopusError(
        'link/io',
        `${this.label}: endpoint 0x${endpoint.toString(16)} is not part of a claimed interface.`,
        { endpoint },
      );
    }
  }
}

/** The interface that each endpoint of a configuration belongs to (USB 2.0, 9.6.5 and 9.6.6). */
function endpointOwners(configuration: Uint8Array): ReadonlyMap<number, number> {
  const owners = new Map<number, number>();
  let current = 0;
  for (let at = 0; at + 2 < configuration.length; at += configuration[at] ?? configuration.length) {
    if (configuration[at] === 0) break;
    if (configuration[at + 1] === 4) current = configuration[at + 2] ?? 0;
    if (configuration[at + 1] === 5) owners.set(configuration[at + 2] ?? 0, current);
  }
  return owners;
}
