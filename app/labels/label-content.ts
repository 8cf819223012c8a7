import type { BoardFacts } from '../history/board-facts.ts';
import type { LabelContent } from './label-layout.ts';

/** The label of a board that a history knows: its versions, and when they were written. */
export function labelOf(facts: BoardFacts, boardName: string | null): LabelContent {
  const { uid, canbusUuid, klipper, katapult } = facts;
  return {
    uid,
    canbusUuid,
    board: boardName ?? facts.presetId,
    lines: [
      ...(klipper === null ? [] : [`Klipper ${klipper.image.version ?? klipper.image.name}`]),
      ...(katapult === null ? [] : [`Katapult ${katapult.image.version ?? katapult.image.name}`]),
      ...(klipper === null ? [] : [klipper.at.slice(0, 10)]),
    ],
  };
}
