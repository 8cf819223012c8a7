import { boardMode, knownUid } from '../boards/board-mode.ts';
import { chipNames } from '../boards/chip-identity.ts';
import { canbusSections, sameUuid, type CanbusSection } from '../printer-config/set-canbus.ts';
import type { UsbDeviceOnPi } from './can-interface.ts';
import type { PiFacts } from './facts.ts';
import { configTree } from './config-trees.ts';

/** A CAN adapter on the Pi's USB: a board that runs Klipper as a bridge, or another adapter with its ids. */
export interface AdapterSeen {
  readonly busPort: string;
  readonly serial: string | null;
  readonly product: string | null;
  readonly isBridge: boolean;
  /** Its network interface; null if it has none. */
  readonly interfaceName: string | null;
}

/** A Klipper bridge whose serial number is its chip's UID. */
export interface BridgeSeen extends AdapterSeen {
  readonly serial: string;
  /** The chip's canbus_uuid; it follows from the serial number. */
  readonly uuid: string;
}

/** OpenMoko's ids as Klipper uses them for gs_usb; candleLight's adapters have them, too. */
const gsUsbId = { vendorId: 0x1d50, productId: 0x606f };

/** What an adapter says of itself shows whether it is a bridge: others have 24 digits for a serial number, too. */
function isBridge({ vendorId, productId, serial, product, manufacturer }: UsbDeviceOnPi): boolean {
  const device = { vendorId, productId, product, manufacturer, serialNumber: serial, interfaces: null };
  return boardMode(device) === 'can-bridge';
}

export function adaptersOf(facts: PiFacts): AdapterSeen[] {
  return facts.usb.flatMap((device) => {
    const { vendorId, productId, busPort, serial, product } = device;
    const interfaceName = facts.interfaces.find(({ usb }) => usb?.busPort === busPort)?.name ?? null;
    const isAdapter = vendorId === gsUsbId.vendorId && productId === gsUsbId.productId;
    if (!isAdapter && interfaceName === null) return [];
    return [{ busPort, serial, product, isBridge: isBridge(device), interfaceName }];
  });
}

export function bridgesOf(facts: PiFacts): BridgeSeen[] {
  return adaptersOf(facts).flatMap((adapter) => {
    const { serial } = adapter;
    if (!adapter.isBridge || serial === null || knownUid(serial) === null) return [];
    return [{ ...adapter, serial, uuid: chipNames(serial).canbusUuid }];
  });
}

/** "can1 is the bridge 6beb0175188a at 1-1.2": an adapter in words. */
export function describeAdapter(facts: PiFacts, adapter: AdapterSeen): string {
  const { busPort, product, interfaceName, serial } = adapter;
  const bridge = bridgesOf(facts).find((each) => each.busPort === busPort);
  const what =
    bridge === undefined
      ? `${adapter.isBridge ? 'a bridge' : 'an adapter'} (${product ?? serial ?? 'without a name'})`
      : `the bridge ${bridge.uuid}`;
  return `${interfaceName ?? 'without an interface'} is ${what} at ${busPort}`;
}

/** The bridge with that canbus_uuid; null if no USB device is it. */
export function bridgeOf(facts: PiFacts, uuid: string): BridgeSeen | null {
  return bridgesOf(facts).find((each) => sameUuid(each.uuid, uuid)) ?? null;
}

/** The boards that the configurations on the Pi name. */
export function boardsInConfigs(facts: PiFacts): CanbusSection[] {
  const paths = new Set(facts.printers.map(({ configPath }) => configPath));
  return [...paths].flatMap((path) => {
    const tree = configTree(facts, path);
    return tree === null ? [] : canbusSections(tree);
  });
}
