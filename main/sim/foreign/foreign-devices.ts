import type { PortPath } from '../../../app/place.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { CanopusError } from '../../../app/errors.ts';
import { ArmedFaults } from '../armed-faults.ts';
import { AttachedDevice } from '../bus/attached-device.ts';
import { isStandard, minimalStandardRequest } from '../bus/standard-requests.ts';
import { UsbStall, type SetupPacket, type UsbFunction } from '../bus/usb-function.ts';
import { Timeline } from '../time/timeline.ts';
import { foreignDescriptors, type ForeignName } from './foreign-catalog.ts';

interface ForeignEvent {
  readonly type: 'attach' | 'detach';
  readonly device: AttachedDevice;
}

/** Devices beside the virtual boards: they show their descriptors and do nothing else. */
export class ForeignDevices {
  readonly #clock: Clock;
  readonly #plugged = new Map<string, AttachedDevice>();
  readonly #listeners = new Set<(event: ForeignEvent) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  all(): readonly AttachedDevice[] {
    return [...this.#plugged.values()];
  }

  /** Throws `usage/invalid` if the port already has such a device. */
  plug(name: ForeignName, portPath: PortPath): void {
    if (this.#plugged.has(portPath))
      throw new CanopusError('usage/invalid', `A device is in port ${portPath} already.`, { portPath });
    const device = new AttachedDevice({
      ...{ portPath, mode: 'foreign', fn: new ForeignFunction(name) },
      faults: new ArmedFaults(() => undefined),
      bus: new Timeline(this.#clock, 0),
      unplug: () => this.unplug(portPath),
    });
    this.#plugged.set(portPath, device);
    this.#tell({ type: 'attach', device });
  }

  unplug(portPath: PortPath): void {
    const device = this.#plugged.get(portPath);
    if (device === undefined) return;
    this.#plugged.delete(portPath);
    device.detach();
    this.#tell({ type: 'detach', device });
  }

  listen(listener: (event: ForeignEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(event: ForeignEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

class ForeignFunction implements UsbFunction {
  readonly descriptors: UsbFunction['descriptors'];

  constructor(name: ForeignName) {
    this.descriptors = foreignDescriptors(name);
  }

  async control(setup: SetupPacket): Promise<Uint8Array> {
    await Promise.resolve();
    if (isStandard(setup)) return minimalStandardRequest(this.descriptors, setup);
    throw new UsbStall('a device that nothing is asked of');
  }

  bulkOut(): Promise<void> {
    return Promise.reject(new UsbStall('no endpoint'));
  }

  bulkIn(): Promise<Uint8Array> {
    return Promise.reject(new UsbStall('no endpoint'));
  }

  busReset(): void {
    // It stores nothing.
  }
}
