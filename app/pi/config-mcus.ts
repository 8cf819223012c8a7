import { optionValue, sectionNames } from '../printer-config/config-tree.ts';
import { canbusSections, sameUuid } from '../printer-config/set-canbus.ts';
import { parseCanbusUuid } from '../units.ts';
import { bridgesOf } from './boards-seen.ts';
import { knownUid } from '../boards/board-mode.ts';
import { configTree } from './config-trees.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';

/** An MCU that a printer.cfg names, and where it is on its Pi now. */
export type ConfigMcu =
  | {
      readonly kind: 'can';
      readonly section: string;
      /** 12 digits, lower case; null for a value that is none. */
      readonly canbusUuid: string | null;
      readonly interfaceName: string;
      /** The USB port of the bridge that it is itself; null for a node. */
      readonly bridgePort: string | null;
      /** The USB port of the bridge to its bus; null for a HAT, an adapter or none. */
      readonly busPort: string | null;
    }
  | {
      readonly kind: 'serial';
      readonly section: string;
      /** As printer.cfg has it: `/dev/serial/by-id/...`. */
      readonly serial: string;
      /** The USB port and UID of the device that it names; null if it is not there. */
      readonly device: { readonly busPort: string; readonly uid: string | null } | null;
    };

/** The MCUs of one printer in the order of its printer.cfg; none if that cannot be read. */
export function configMcus(facts: PiFacts, { configPath }: PrinterFacts): ConfigMcu[] {
  const tree = configTree(facts, configPath);
  if (tree === null) return [];
  const onCan = canbusSections(tree);
  const bridges = bridgesOf(facts);
  return sectionNames(tree).flatMap((section): ConfigMcu[] => {
    if (section !== 'mcu' && !section.startsWith('mcu ')) return [];
    const can = onCan.find((each) => each.section === section);
    if (can !== undefined) {
      const { canbusInterface: interfaceName } = can;
      const own = bridges.find(({ uuid }) => sameUuid(uuid, can.canbusUuid));
      const bus = bridges.find((each) => each.interfaceName === interfaceName);
      const canbusUuid = parseCanbusUuid(can.canbusUuid);
      const ports = { bridgePort: own?.busPort ?? null, busPort: bus?.busPort ?? null };
      return [{ kind: 'can', section, canbusUuid, interfaceName, ...ports }];
    }
    const serial = optionValue(tree, section, 'serial');
    if (serial === null) return [];
    return [{ kind: 'serial', section, serial, device: deviceAt(facts, serial) }];
  });
}

/** By the serial number in a `by-id` name, as udev makes it. */
function deviceAt({ usb }: PiFacts, serial: string): { busPort: string; uid: string | null } | null {
  if (!serial.startsWith('/dev/serial/by-id/')) return null;
  const name = serial.toUpperCase();
  const found = usb.find((each) => each.serial !== null && name.includes(`_${each.serial.toUpperCase()}-`));
  return found === undefined ? null : { busPort: found.busPort, uid: knownUid(found.serial) };
}
