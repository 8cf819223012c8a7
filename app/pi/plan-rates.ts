import { boardsOnBus, bridgeOn } from './bus-boards.ts';
import type { PiFacts } from './facts.ts';
import type { PiPlan, PlanNote } from './plan-types.ts';
import { builtRate, rebuildOf, type RecordedBoard } from './recorded-board.ts';
import { sameUuid } from '../printer-config/set-canbus.ts';

/**
 * The plan with a warning for each board that a record has another bit rate of than the plan sets: the bridge, which
 * keeps the one it was built with, and the boards of its goal and of printer.cfg, which it would not hear.
 */
export function withRateNotes(plan: PiPlan, facts: PiFacts, records: readonly RecordedBoard[]): PiPlan {
  const { interfaceName, bitrateBps, boards } = plan.goal;
  const bridge = bridgeOn(facts, interfaceName);
  const named = boardsOnBus(facts, interfaceName, []);
  const wished = boards.map(({ section, canbusUuid }) => ({ what: `[${section}]`, canbusUuid }));
  const bridges = bridge === null ? [] : [{ what: `the bridge ${interfaceName}`, canbusUuid: bridge.uuid }];
  const all = [...wished, ...named, ...bridges];
  const notes = all
    .filter(
      ({ canbusUuid }, index) => index === all.findIndex((each) => sameUuid(each.canbusUuid, canbusUuid)),
    )
    .flatMap((board): PlanNote[] => {
      const built = builtRate(board.canbusUuid, null, records);
      if (built === null || built.bitrateBps === bitrateBps) return [];
      const isBridge = bridge !== null && sameUuid(board.canbusUuid, bridge.uuid);
      const why = isBridge
        ? `${bitrateBps} set on the Pi changes nothing on the bus`
        : `it neither hears nor is heard at ${bitrateBps}`;
      const text = `${board.what} was built for ${built.bitrateBps} bit/s, by this station's record, and ${why}. Set ${built.bitrateBps} here, or build and flash it for ${bitrateBps}.`;
      return [{ kind: 'warning', text, rebuild: rebuildOf(board, bitrateBps, records) }];
    });
  return notes.length === 0 ? plan : { ...plan, notes: [...plan.notes, ...notes] };
}
