import { knownUid } from '../boards/board-mode.ts';
import { canbusUuid } from '../boards/canbus-uuid.ts';
import { canbusSections, type CanbusSection } from '../printer-config/set-canbus.ts';
import type { PiFacts } from './facts.ts';
import { configTree } from './config-trees.ts';

/** A CAN adapter on the Pi's USB whose serial number is a chip's UID, as for Klipper's bridges. */
interface BridgeSeen {
  readonly busPort: string;
  readonly serial: string;
  /** The chip's canbus_uuid; it follows from the serial number. */
  readonly uuid: string;
}

/**
 * OpenMoko's ids as Klipper uses them for gs_usb; other adapters have them, too, with another form of serial number.
 */
const bridgeId = { vendorId: 0x1d50, productId: 0x606f };

export function bridgesOf(facts: PiFacts): BridgeSeen[] {
  return facts.usb.flatMap(({ vendorId, productId, busPort, serial }) => {
    if (vendorId !== bridgeId.vendorId || productId !== bridgeId.productId || serial === null) return [];
    return knownUid(serial) === null ? [] : [{ busPort, serial, uuid: canbusUuid(serial) }];
  });
}

/** The boards that the configurations on the Pi name. */
export function boardsInConfigs(facts: PiFacts): CanbusSection[] {
  const paths = new Set(facts.printers.map(({ configPath }) => configPath));
  return [...paths].flatMap((path) => {
    const tree = configTree(facts, path);
    return tree === null ? [] : canbusSections(tree);
  });
}
