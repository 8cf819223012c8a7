import { optionValue, sectionNames } from '../printer-config/config-tree.ts';
import { canbusSections, sameUuid } from '../printer-config/set-canbus.ts';
import { configTree } from './config-trees.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';

/** What is known of a board that is plugged into a Pi, or is a node on one of its buses. */
export interface BoardOnPi {
  /** Bus and ports: `1-1.3`; null for a node. */
  readonly portPath: string | null;
  /** The bus of a node: work there disturbs every Klipper on it. */
  readonly interfaceName?: string | null;
  readonly uid: string | null;
  readonly canbusUuid: string | null;
  readonly tty: string | null;
  /** Further paths of its serial port. */
  readonly links?: readonly string[];
}

/**
 * The printers whose configuration uses a board: by its serial port, by its canbus_uuid, or by the CAN interface that it
 * is the bridge of. None for a board in ROM DFU, which no Klipper can use and which has not said which board it is.
 */
export function printersOfBoard(facts: PiFacts, board: BoardOnPi): readonly PrinterFacts[] {
  const { portPath, interfaceName = null } = board;
  const bridge = facts.interfaces.find(({ usb }) => portPath !== null && usb?.busPort === portPath);
  const bridged = bridge?.name ?? interfaceName;
  return facts.printers.filter(({ configPath }) => {
    const tree = configTree(facts, configPath);
    if (tree === null) return false;
    const isNode = canbusSections(tree).some(
      ({ canbusUuid, canbusInterface }) =>
        canbusInterface === bridged || (board.canbusUuid !== null && sameUuid(canbusUuid, board.canbusUuid)),
    );
    return (
      isNode || sectionNames(tree).some((section) => isPortOf(optionValue(tree, section, 'serial'), board))
    );
  });
}

/** By the names that udev makes: `by-id` has the serial number, `by-path` the ports behind `usb-0:`. */
function isPortOf(serial: string | null, { portPath, uid, tty, links = [] }: BoardOnPi): boolean {
  if (serial === null) return false;
  if (serial === tty || links.includes(serial)) return true;
  if (portPath === null) return false;
  const ports = portPath.slice(portPath.indexOf('-') + 1);
  return (
    (uid !== null && serial.toUpperCase().includes(uid.toUpperCase())) ||
    (serial.startsWith('/dev/serial/by-path/') && serial.includes(`:${ports}:`))
  );
}
