import type { PlaceId } from '../place.ts';
import type { ChipFacts } from '../chip/chip-facts.ts';
import type { Confirmations } from '../boards/confirmations.ts';
import type { Board } from '../boards/board.ts';
import type { BenchRecipe, KnownKlipper } from './bench-recipe.ts';
import type { Trouble } from '../errors/trouble.ts';

/** A person's choice. */
export type BenchChoice =
  | { readonly type: 'arm'; readonly recipe: BenchRecipe }
  /** Stops starting anything with it, or with any; a write in progress continues. */
  | { readonly type: 'disarm'; readonly recipeId: string | null }
  /** Failed and refused slots once more: these, or all. */
  | { readonly type: 'retry'; readonly places: readonly PlaceId[] | null }
  /** The marking on the chip in this slot, as `parseMarking` writes it; the board is checked again with it. */
  | { readonly type: 'vouch'; readonly place: PlaceId; readonly chipMarking: string }
  /** Flashes a finished board once more. */
  | { readonly type: 'again'; readonly place: PlaceId }
  | { readonly type: 'cancel'; readonly places: readonly PlaceId[] | null }
  /** Forgets what was done; slots being written stay. */
  | { readonly type: 'new-session' };

/** The crystal that a search found on a board, and the images for it. */
export interface FoundCrystal {
  readonly crystalHz: number;
  readonly images: BenchRecipe['images'];
  /** Of the Klipper image, lower-case hex. */
  readonly klipperSha256: string;
}

/** An observation of the station. The reply to a question names the board that it was about. */
export type BenchNews =
  /** What is plugged in, and the ports that must not be touched. */
  | {
      readonly type: 'boards';
      readonly boards: readonly Board[];
      readonly ignoredPlaces: readonly PlaceId[];
      readonly heldPlaces: readonly PlaceId[];
    }
  | {
      readonly type: 'probed';
      readonly place: PlaceId;
      readonly boardId: string;
      readonly facts: ChipFacts;
    }
  /** The MCU that the Katapult on a slot reports. */
  | {
      readonly type: 'katapult';
      readonly place: PlaceId;
      readonly boardId: string;
      readonly mcu: string;
    }
  | {
      readonly type: 'firmware';
      readonly place: PlaceId;
      readonly boardId: string;
      readonly klipper: KnownKlipper | null;
    }
  | {
      readonly type: 'started';
      readonly place: PlaceId;
      readonly boardId: string;
      readonly jobId: string;
    }
  /** A question or a start failed. */
  | {
      readonly type: 'refused';
      readonly place: PlaceId;
      readonly boardId: string;
      readonly trouble: Trouble;
    }
  | {
      readonly type: 'job';
      readonly jobId: string;
      readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
      readonly uid: string | null;
      readonly canbusUuid: string | null;
      /** What was written instead of the recipe's images, because the board has a different crystal. */
      readonly found?: FoundCrystal | null;
      readonly trouble: Trouble | null;
    }
  /** The station restarted: its work has ended, and nothing is armed. */
  | {
      readonly type: 'resumed';
      /** Interrupted work in the history: the state that its board must be in. */
      readonly cutOff: readonly { readonly place: PlaceId; readonly trouble: Trouble }[];
    };

export type BenchEvent = (BenchChoice | BenchNews) & { /** ISO 8601. */ readonly at: string };

/** What to do because of an event. */
export type BenchEffect =
  /** Tell the bench again what is plugged in. */
  | { readonly type: 'look' }
  | { readonly type: 'probe'; readonly place: PlaceId; readonly boardId: string }
  | {
      readonly type: 'ask-firmware';
      readonly place: PlaceId;
      readonly boardId: string;
      readonly uid: string;
    }
  | {
      readonly type: 'start';
      readonly place: PlaceId;
      readonly boardId: string;
      readonly recipe: BenchRecipe;
      readonly confirmations: Confirmations;
      /** A person asked for it: even if the chip is already done. */
      readonly evenIfDone: boolean;
    }
  | { readonly type: 'cancel'; readonly jobId: string };
