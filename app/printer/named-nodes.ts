import { boardsOnBus } from '../pi/bus-boards.ts';
import type { PiFacts } from '../pi/facts.ts';
import { parseCanbusUuid } from '../units.ts';
import type { NamedNode } from './examination.ts';

/**
 * The nodes that the printers of a Pi name on an interface: `mcu EBB`, or `mcu EBB of voron` if there are several printers.
 * A canbus_uuid that is none is left out: no node replies to it.
 */
export function namedNodesOn(facts: PiFacts, interfaceName: string): NamedNode[] {
  return boardsOnBus(facts, interfaceName, []).flatMap(({ what, section, canbusUuid: text }) => {
    const canbusUuid = parseCanbusUuid(text);
    return canbusUuid === null ? [] : [{ name: what.replace(`[${section}]`, () => section), canbusUuid }];
  });
}
