import type { BoardFacts } from '../history/board-facts.ts';
import type { RunRecord } from '../history/run-record.ts';
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

/** The label of the board of a run, as the run left it; null where the chip never spoke. */
export function labelOfRun(run: RunRecord, boardName: string | null): LabelContent | null {
  const { uid, canbusUuid, images, presetId, updatedAt } = run;
  if (uid === null || canbusUuid === null) return null;
  const line = (target: 'katapult' | 'klipper', name: string): string[] => {
    const image = images.find((each) => each.target === target && each.result === 'verified');
    return image === undefined ? [] : [`${name} ${image.version ?? image.name}`];
  };
  const lines = [...line('klipper', 'Klipper'), ...line('katapult', 'Katapult'), updatedAt.slice(0, 10)];
  return { uid, canbusUuid, board: boardName ?? presetId, lines };
}
