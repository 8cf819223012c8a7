import { canbusSections, sameUuid } from '../printer-config/set-canbus.ts';
import { bridgesOf, type BridgeSeen } from './boards-seen.ts';
import type { ExaminedPrinter } from './check.ts';
import { configTree } from './config-trees.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';
import type { McuVersion } from './printer-status.ts';
import { builtRate, type BuiltRate, type RecordedBoard } from './recorded-board.ts';

/** The boards that a printer's Klipper talks to. */
export type ConnectedBoards = Pick<ExaminedPrinter, 'printer' | 'mcus'>;

/** A board that a printer.cfg names on an interface. */
export interface BusBoard {
  /** "[mcu]", with its printer if the Pi has several. */
  readonly what: string;
  readonly section: string;
  readonly canbusUuid: string;
  readonly printer: PrinterFacts;
  /** What its Klipper knows of it; null if it does not talk to it. */
  readonly mcu: McuVersion | null;
}

/** The boards of every printer on that interface. */
export function boardsOnBus(
  facts: PiFacts,
  interfaceName: string,
  connected: readonly ConnectedBoards[],
): BusBoard[] {
  const isAlone = facts.printers.length === 1;
  const talking = new Map(connected.map(({ printer, mcus }) => [printer.configPath, mcus]));
  const seen = new Set<string>();
  return facts.printers.flatMap((printer) => {
    const { configPath, name } = printer;
    const tree = seen.has(configPath) ? null : configTree(facts, configPath);
    seen.add(configPath);
    if (tree === null) return [];
    const mcus = talking.get(configPath) ?? [];
    const bySection = new Map(mcus.map((each) => [each.section, each]));
    return canbusSections(tree)
      .filter(({ canbusInterface }) => canbusInterface === interfaceName)
      .map(({ section, canbusUuid }) => {
        const what = `[${section}]${isAlone ? '' : ` of ${name}`}`;
        return { what, section, canbusUuid, printer, mcu: bySection.get(section) ?? null };
      });
  });
}

/** The bridge that an interface is; null for an adapter, a HAT or none. */
export function bridgeOn(facts: PiFacts, interfaceName: string): BridgeSeen | null {
  return bridgesOf(facts).find((each) => each.interfaceName === interfaceName) ?? null;
}

export interface BridgeRate extends Omit<BuiltRate, 'from'> {
  readonly from: BuiltRate['from'] | 'bus';
}

/**
 * The bit rate that the bridge on an interface was built with; null if there is no bridge, or it is unknown. Klipper
 * reports it of nodes, not of a bridge (its usb_canbus.c has no CANBUS_FREQUENCY), but a node that replies through a
 * bridge has the same one. That says more than a record, which does not know of other tools.
 */
export function compiledRate(
  facts: PiFacts,
  interfaceName: string,
  connected: readonly ConnectedBoards[],
  records: readonly RecordedBoard[],
): BridgeRate | null {
  const bridge = bridgeOn(facts, interfaceName);
  if (bridge === null) return null;
  const boards = boardsOnBus(facts, interfaceName, connected);
  const own = boards.find(({ canbusUuid }) => sameUuid(canbusUuid, bridge.uuid))?.mcu ?? null;
  const built = builtRate(bridge.uuid, own, records);
  if (built?.from === 'klipper') return built;
  const heard = new Set(
    boards.flatMap(({ mcu }) => (typeof mcu?.version === 'string' ? (mcu.canbusFrequencyBps ?? []) : [])),
  );
  const [bitrateBps] = heard;
  return heard.size === 1 && bitrateBps !== undefined ? { bitrateBps, from: 'bus' } : built;
}

/** What Klipper says of boards, each continuing a sentence; null for none. */
export function busWords(boards: readonly BusBoard[]): {
  readonly talks: string | null;
  readonly silent: string | null;
} {
  const name = ({ what, canbusUuid }: BusBoard): string => `${what} ${canbusUuid}`;
  const talks = boards.flatMap((each) =>
    typeof each.mcu?.version === 'string' ? [`${name(each)} (${each.mcu.version})`] : [],
  );
  const silent = boards.filter(({ mcu }) => typeof mcu?.version !== 'string').map(name);
  return {
    talks: talks.length === 0 ? null : `Klipper talks to ${talks.join(', ')}`,
    silent: silent.length === 0 ? null : `Klipper does not talk to ${silent.join(', ')}`,
  };
}
