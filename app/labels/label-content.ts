import { boardStateTable } from '../errors/left-states.ts';
import type { BoardState } from '../errors.ts';
import type { BoardFacts } from '../history/board-facts.ts';
import type { RunRecord } from '../history/run-record.ts';
import type { LabelContent } from './label-layout.ts';

/** The label of a board that a history knows: its versions, when they were written, and what was seen to run. */
export function labelOf(facts: BoardFacts, boardName: string | null): LabelContent {
  const { uid, canbusUuid, klipper, katapult, lastRun } = facts;
  return {
    uid,
    canbusUuid,
    canbusUuidSource: lastRun.canbusUuidSource,
    board: boardName ?? facts.presetId,
    lines: [
      ...(klipper === null ? [] : [`Klipper ${klipper.image.version ?? klipper.image.name}`]),
      ...(katapult === null ? [] : [`Katapult ${katapult.image.version ?? katapult.image.name}`]),
      ...(klipper === null ? [] : [dayAndState(klipper.at, klipper.state)]),
    ],
  };
}

/** The label of the board of a run, as the run left it; null where the chip never spoke. */
export function labelOfRun(run: RunRecord, boardName: string | null): LabelContent | null {
  const { uid, canbusUuid, canbusUuidSource, images, presetId, updatedAt, state } = run;
  if (uid === null || canbusUuid === null) return null;
  const line = (target: 'katapult' | 'klipper', name: string): string[] => {
    const image = images.find((each) => each.target === target && each.result === 'verified');
    return image === undefined ? [] : [`${name} ${image.version ?? image.name}`];
  };
  const lines = [
    ...line('klipper', 'Klipper'),
    ...line('katapult', 'Katapult'),
    dayAndState(updatedAt, state),
  ];
  return { uid, canbusUuid, canbusUuidSource, board: boardName ?? presetId, lines };
}

function dayAndState(at: string, state: BoardState): string {
  return `${at.slice(0, 10)}, ${boardStateTable[state].title}`;
}
