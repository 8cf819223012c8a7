import type { PortPath } from '../../../app/place.ts';
import type { PnpDevice, PnpList } from './pnp-tree.ts';

/** A device that libusb lists, root hubs included. */
export interface ListedDevice {
  readonly portPath: PortPath;
  readonly busNumber: number;
  readonly vendorId: number;
  readonly productId: number;
}

/** Bus numbers for host controllers of which libusb lists nothing: no computer has so many buses. */
const firstUnknownBus = 200;

/** The name of a root hub among port paths. */
export function rootPath({ busNumber }: { readonly busNumber: number }): PortPath {
  return `${busNumber}-0`;
}

/**
 * Matches places in libusb's list with those in Windows' own. Both count the same ports, but libusb numbers the host
 * controllers and Windows names them. The match follows from the ids of a controller that is the only one of its kind,
 * from devices in both lists, and from a single one left over; it is kept, so that a place has one name while the
 * program runs.
 */
export class PnpPlaces {
  /** By libusb's bus number. */
  readonly #roots = new Map<number, string>();
  readonly #unknownRoots: string[] = [];

  /** Windows' entries by port path. Entries without a place are left out. */
  place(listed: readonly ListedDevice[], list: PnpList): ReadonlyMap<PortPath, PnpDevice> {
    this.#learnFromDevices(listed, list);
    this.#learnFromRest(listed, list);
    const placed = new Map<PortPath, PnpDevice>();
    for (const device of list.devices) {
      if (device.place === null) continue;
      const { root, ports } = device.place;
      placed.set(`${this.#busOf(root)}-${ports.join('.')}`, device);
    }
    return placed;
  }

  #learnFromDevices(listed: readonly ListedDevice[], { devices, roots }: PnpList): void {
    for (const device of listed) {
      const { busNumber, portPath } = device;
      if (this.#roots.has(busNumber)) continue;
      const isRoot = portPath === rootPath({ busNumber });
      const candidates = isRoot
        ? roots.filter((each) => isSameKind(each, device)).map(({ root }) => root)
        : devices.flatMap(({ place, ...ids }) => {
            const isHere = place !== null && portPath === `${busNumber}-${place.ports.join('.')}`;
            return isHere && isSameKind(ids, device) ? place.root : [];
          });
      // The ids of two identical controllers do not distinguish them.
      const twins = listed.filter(
        (each) => isRoot && each.portPath.endsWith('-0') && isSameKind(each, device),
      );
      const [only] = new Set(candidates.filter((root) => !this.#isKnown(root)));
      if (only !== undefined && new Set(candidates).size === 1 && twins.length <= 1)
        this.#roots.set(busNumber, only);
    }
  }

  #learnFromRest(listed: readonly ListedDevice[], { roots }: PnpList): void {
    const buses = new Set(listed.map(({ busNumber }) => busNumber).filter((bus) => !this.#roots.has(bus)));
    const names = new Set(roots.map(({ root }) => root).filter((root) => !this.#isKnown(root)));
    const [bus] = buses;
    const [root] = names;
    if (bus !== undefined && root !== undefined && buses.size === 1 && names.size === 1)
      this.#roots.set(bus, root);
  }

  #isKnown(root: string): boolean {
    return [...this.#roots.values()].includes(root);
  }

  #busOf(root: string): number {
    for (const [busNumber, known] of this.#roots) if (known === root) return busNumber;
    if (!this.#unknownRoots.includes(root)) this.#unknownRoots.push(root);
    return firstUnknownBus + this.#unknownRoots.indexOf(root);
  }
}

type Kind = Pick<ListedDevice, 'vendorId' | 'productId'>;

export function isSameKind(one: Kind, other: Kind): boolean {
  return one.vendorId === other.vendorId && one.productId === other.productId;
}
