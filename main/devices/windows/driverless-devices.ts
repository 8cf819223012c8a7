import type { PortPath } from '../../../app/place.ts';
import { isSameKind, PnpPlaces, type ListedDevice } from './place-devices.ts';
import type { PnpDevice, PnpList } from './pnp-tree.ts';

export interface ListedNative extends ListedDevice {
  /** The same object as long as the device stays plugged in. */
  readonly native: object;
}

/** A device that only Windows lists: it has no driver, or one that does not start. */
interface DriverlessDevice {
  readonly portPath: PortPath;
  readonly device: PnpDevice;
  readonly arrival: string;
}

interface SortedDevices {
  /** Windows' entries for the devices that libusb lists, by port path. */
  readonly placed: ReadonlyMap<PortPath, PnpDevice>;
  readonly alone: readonly DriverlessDevice[];
}

/** Separates devices that libusb lists from those that only Windows does, from one scan to the next. */
export class DriverlessDevices {
  readonly #places = new PnpPlaces();
  /** When the device that libusb last listed on a port arrived. */
  readonly #nativeSince = new Map<PortPath, { native: object; atMs: number }>();
  #alone: readonly DriverlessDevice[] = [];
  /** Those of the previous scan, until they are claimed. */
  #before: readonly DriverlessDevice[] = [];
  #arrivals = 0;

  sort(natives: readonly ListedNative[], list: PnpList | null, nowMs: number): SortedDevices {
    for (const { portPath, native } of natives) {
      if (this.#nativeSince.get(portPath)?.native !== native)
        this.#nativeSince.set(portPath, { native, atMs: nowMs });
    }
    this.#before = this.#alone;
    if (list === null) {
      this.#alone = [];
      return { placed: new Map(), alone: [] };
    }
    const placed = new Map<PortPath, PnpDevice>();
    const alone: DriverlessDevice[] = [];
    for (const [portPath, device] of this.#places.place(natives, list)) {
      const native = natives.find((each) => each.portPath === portPath);
      if (native !== undefined) {
        if (isSameKind(native, device)) placed.set(portPath, device);
      } else if (isWithoutDriver(device) && this.#isNewsOf(portPath, list)) {
        alone.push({ portPath, device, arrival: this.#arrivalOf(portPath, device) });
      }
    }
    this.#alone = alone;
    return { placed, alone };
  }

  /** The arrival of a device that was present without a driver and that libusb lists now; null for any other. */
  claim(portPath: PortPath, vendorId: number, productId: number): string | null {
    const before = this.#before.find((each) => each.portPath === portPath);
    return before !== undefined && isSameKind({ vendorId, productId }, before.device) ? before.arrival : null;
  }

  /** Windows' list may be older than libusb's latest arrival on the port: then it shows the device before that. */
  #isNewsOf(portPath: PortPath, list: PnpList): boolean {
    const since = this.#nativeSince.get(portPath);
    return since === undefined || list.readAtMs >= since.atMs;
  }

  #arrivalOf(portPath: PortPath, { instanceId }: PnpDevice): string {
    const known = this.#before.find(
      (each) => each.portPath === portPath && each.device.instanceId === instanceId,
    );
    if (known !== undefined) return known.arrival;
    this.#arrivals += 1;
    return `driverless-${this.#arrivals}`;
  }
}

/** With a working driver libusb lists it, now or in a moment. */
function isWithoutDriver({ driver, problem }: PnpDevice): boolean {
  return driver.kind === 'none' || problem !== 0;
}
