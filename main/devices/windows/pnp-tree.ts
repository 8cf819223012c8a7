import * as z from 'zod/mini';
import { driverOf, type DeviceDriver } from '../../../app/boards/device-driver.ts';

/** A USB device as Windows' Plug and Play knows it, with or without a driver. */
export interface PnpDevice {
  /** `USB\VID_1D50&PID_606F\430014000A50534E4E313120`. */
  readonly instanceId: string;
  readonly vendorId: number;
  readonly productId: number;
  /** The device's own serial number; null if Windows made up an instance id. */
  readonly serialNumber: string | null;
  /** The device's product string. */
  readonly product: string | null;
  /** Class, subclass and protocol of its only interface, as `ff/ff/ff`; null for devices with several. */
  readonly interfaces: readonly string[] | null;
  readonly driver: DeviceDriver;
  /** Device Manager's code, 0 if the device works: 28 without a driver, 22 disabled. */
  readonly problem: number;
  readonly place: PnpPlace | null;
}

/** Where a device is plugged in: a host controller, and the ports of the hubs from its root hub on. */
export interface PnpPlace {
  /** `PCIROOT(0)#PCI(1400)#USBROOT(0)`. */
  readonly root: string;
  readonly ports: readonly number[];
}

/** A root hub: Windows' name for a host controller's ports, with the PCI ids of the controller. */
export interface PnpRoot {
  readonly root: string;
  readonly vendorId: number;
  readonly productId: number;
}

/** Windows' list at one time. */
export interface PnpList {
  readonly devices: readonly PnpDevice[];
  readonly roots: readonly PnpRoot[];
  /** When reading it began, by `PnpTree.nowMs`. */
  readonly readAtMs: number;
}

/** Windows' list of USB devices, followed while it is in use. */
export interface PnpTree {
  /** The newest list, which may be a second old; waits for the first one. Null if none can be read. */
  read(): Promise<PnpList | null>;
  /** The clock for the times of lists. */
  nowMs(): number;
  /** Calls `hint` after every new list, until the returned function is called. */
  watch(hint: () => void): () => void;
  close(): void;
}

const Line = z.object({
  at: z.number(),
  devices: z.array(
    z.object({
      id: z.string(),
      service: z.nullish(z.string()),
      provider: z.nullish(z.string()),
      product: z.nullish(z.string()),
      problem: z.nullish(z.number()),
      classes: z.nullish(z.array(z.nullish(z.string()))),
      parent: z.nullish(z.string()),
      paths: z.nullish(z.array(z.nullish(z.string()))),
    }),
  ),
});

/** One line of `pnpScript`'s output, without devices that are not USB; null for any other line. */
export function parsePnpLine(line: string): PnpList | null {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return null;
  }
  const parsed = Line.safeParse(json);
  if (!parsed.success) return null;
  const devices = parsed.data.devices.flatMap(
    ({ id, service, provider, product, problem, classes, paths }) => {
      const ids = parseInstanceId(id);
      if (ids === null) return [];
      const [place = null] = (paths ?? []).flatMap((path) => parseLocationPath(path ?? '') ?? []);
      const driver = driverOf(service ?? null, provider ?? null);
      const interfaces = interfacesOf(classes ?? []);
      return [
        {
          ...ids,
          instanceId: id,
          product: product ?? null,
          interfaces,
          driver,
          problem: problem ?? 0,
          place,
        },
      ];
    },
  );
  const roots = parsed.data.devices.flatMap(({ id, parent, paths }) => {
    const ids = /^PCI\\VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})/i.exec(parent ?? '');
    const root = (paths ?? []).find((path) => /#USBROOT\(\d+\)$/i.test(path ?? ''));
    if (!/^USB\\ROOT_HUB/i.test(id) || ids === null || typeof root !== 'string') return [];
    const [, vendor = '', product = ''] = ids;
    return [{ root, vendorId: parseInt(vendor, 16), productId: parseInt(product, 16) }];
  });
  return { devices, roots, readAtMs: parsed.data.at };
}

/**
 * An instance id ends with the device's serial number, or with an id that Windows made up, which contains `&`.
 * Source: Microsoft, "Device instance ID" and "Standard USB identifiers".
 */
function parseInstanceId(id: string): Pick<PnpDevice, 'vendorId' | 'productId' | 'serialNumber'> | null {
  const match = /^USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})\\(.+)$/i.exec(id);
  if (match === null) return null;
  const [, vendor = '', product = '', last = ''] = match;
  return {
    vendorId: parseInt(vendor, 16),
    productId: parseInt(product, 16),
    serialNumber: last.includes('&') ? null : last,
  };
}

/**
 * A device with one interface has that interface's class among its compatible ids; one with several has
 * `USB\\COMPOSITE`. Source: Microsoft, "Standard USB identifiers".
 */
function interfacesOf(compatibleIds: readonly (string | null | undefined)[]): readonly string[] | null {
  for (const id of compatibleIds) {
    const match = /^USB\\CLASS_([0-9A-F]{2})&SUBCLASS_([0-9A-F]{2})&PROT_([0-9A-F]{2})$/i.exec(id ?? '');
    if (match !== null) return [match.slice(1).join('/').toLowerCase()];
  }
  return null;
}

/**
 * `PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(4)#USB(2)` is port 2 of the hub in port 4 of a root hub. Null for paths of another
 * kind: Windows also gives `ACPI(...)` ones.
 * Source: Microsoft, DEVPKEY_Device_LocationPaths, and USBF_PortInfo (PortLocationPath) for the form of USB's part.
 */
export function parseLocationPath(path: string): PnpPlace | null {
  const match = /^(.*#USBROOT\(\d+\))((?:#USB\(\d+\))+)$/i.exec(path);
  if (match === null) return null;
  const [, root = '', tail = ''] = match;
  return { root, ports: Array.from(tail.matchAll(/\((\d+)\)/g), ([, port]) => Number(port)) };
}
