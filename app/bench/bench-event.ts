import type { PlaceId } from '../place.ts';
import type { ChipFacts } from '../chip/chip-facts.ts';
import type { Confirmations } from '../boards/confirmations.ts';
import type { Board } from '../boards/board.ts';
import type { BenchRecipe, KnownKlipper } from './bench-recipe.ts';
import type { BenchTrouble } from './bench-state.ts';

/** What a person does. */
export type BenchChoice =
  | { readonly type: 'arm'; readonly recipe: BenchRecipe }
  /** Nothing new is started with it, or with any; what is being written goes on. */
  | { readonly type: 'disarm'; readonly recipeId: string | null }
  /** Failed and refused slots once more: these, or all. */
  | { readonly type: 'retry'; readonly places: readonly PlaceId[] | null }
  /** What is printed on the chip of the board on this slot, as `parseMarking` writes it; it is looked at once more. */
  | { readonly type: 'vouch'; readonly place: PlaceId; readonly chipMarking: string }
  /** A board that is done already once more. */
  | { readonly type: 'again'; readonly place: PlaceId }
  | { readonly type: 'cancel'; readonly places: readonly PlaceId[] | null }
  /** Forgets what was done; slots that are being written to stay. */
  | { readonly type: 'new-session' };

/** The crystal that a search found on a board, and the images for it. */
export interface FoundCrystal {
  readonly crystalHz: number;
  readonly images: BenchRecipe['images'];
  /** Of the Klipper image, lower-case hex. */
  readonly klipperSha256: string;
}

/** What the station sees. Answers to a question name the board that it was asked about. */
export type BenchNews =
  /** What is plugged in, and the ports that are not to be touched. */
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
  /** What the Katapult on a slot says that it runs on. */
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
      readonly trouble: BenchTrouble;
    }
  | {
      readonly type: 'job';
      readonly jobId: string;
      readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
      readonly uid: string | null;
      readonly canbusUuid: string | null;
      /** What was written instead of the recipe's images, because the board has another crystal. */
      readonly found?: FoundCrystal | null;
      readonly trouble: BenchTrouble | null;
    }
  /** The station was started anew: what ran does not run any more, and nothing is armed. */
  | {
      readonly type: 'resumed';
      /** What the history has of work that was cut off: what state its board must be in. */
      readonly cutOff: readonly { readonly place: PlaceId; readonly trouble: BenchTrouble }[];
    };

export type BenchEvent = (BenchChoice | BenchNews) & { /** ISO 8601. */ readonly at: string };

/** What is to be done because of an event. */
export type BenchEffect =
  /** Tell the bench anew what is plugged in. */
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
      /** A person asked for it: also a chip that is done already. */
      readonly evenIfDone: boolean;
    }
  | { readonly type: 'cancel'; readonly jobId: string };
