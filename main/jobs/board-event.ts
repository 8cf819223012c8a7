import type { PlaceId } from '../../app/place.ts';
import type { BoardMode } from '../../app/boards/board-mode.ts';
import type { ChipNames } from '../../app/boards/chip-identity.ts';
import type { FlashEvent } from '../../app/flash/flash-event.ts';
import type { SearchProgress } from '../../app/rescue/crystal-search.ts';
import type { Sight } from '../../app/rescue/sight.ts';
import type { Ask, RunStep } from '../../app/flash/run-step.ts';

export type FlashBoardEvent =
  | {
      type: 'step';
      step: RunStep | 'done';
      place: PlaceId;
    }
  | ({ type: 'seen'; mode: BoardMode; place: PlaceId; tty: string | null } & ChipNames)
  | { type: 'ask'; ask: Ask; text: string }
  /** What the port shows of a board that was started; `builtForHz`: the crystal of what was last written to it. */
  | { type: 'sight'; sight: Sight; place: PlaceId; builtForHz: number | null }
  /** The board is silent, and a person may start a search for its crystal among these. */
  | { type: 'offer'; offer: 'crystal-search'; crystalsHz: number[] }
  | ({ type: 'search'; place: PlaceId } & SearchProgress)
  /** The old content of flash is safe, under this id. */
  | { type: 'backup'; backupId: string }
  | FlashEvent;
