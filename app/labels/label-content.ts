import { boardStateTable } from '../errors/left-states.ts';
import type { BoardState } from '../errors.ts';
import type { BoardFacts } from '../history/board-facts.ts';
import type { RunImage, RunRecord } from '../history/run-record.ts';

import { partWords, type ImagePart } from '../image/image-parts.ts';
import type { LabelContent } from './label-layout.ts';

/** The label of a board in the history: its versions, when they were written, and what was seen running. */
export function labelOf(facts: BoardFacts, boardName: string | null): LabelContent {
  const { uid, canbusUuid, application, bootloader, lastRun } = facts;
  return {
    uid,
    canbusUuid,
    canbusUuidSource: lastRun.canbusUuidSource,
    board: boardName ?? facts.presetId,
    lines: [
      ...(application === null ? [] : [imageLine(application.image)]),
      ...(bootloader === null ? [] : [imageLine(bootloader.image)]),
      ...(application === null ? [] : [dayAndState(application.at, application.state)]),
    ],
  };
}

/** The label for the board of a run, in its state after the run; null if the chip's UID is unknown. */
export function labelOfRun(run: RunRecord, boardName: string | null): LabelContent | null {
  const { uid, canbusUuid, canbusUuidSource, images, presetId, updatedAt, state } = run;
  if (uid === null || canbusUuid === null) return null;
  const line = (part: ImagePart): string[] => {
    const image = images.find((each) => each.part === part && each.result === 'verified');
    return image === undefined ? [] : [imageLine(image)];
  };
  const lines = [...line('application'), ...line('bootloader'), dayAndState(updatedAt, state)];
  return { uid, canbusUuid, canbusUuidSource, board: boardName ?? presetId, lines };
}

function imageLine({ part, version, name }: RunImage): string {
  return `${partWords[part]} ${version ?? name}`;
}

function dayAndState(at: string, state: BoardState): string {
  return `${at.slice(0, 10)}, ${boardStateTable[state].title}`;
}
