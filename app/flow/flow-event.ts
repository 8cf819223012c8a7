import type { PlaceId } from '../place.ts';
import type { Confirmations } from '../boards/confirmations.ts';
import type { Board } from '../boards/board.ts';
import type { PiGoal } from '../pi/plan-types.ts';
import type { ConfirmedIdle } from '../pi/printer-ref.ts';
import type { ProofEvent } from '../pi/proof.ts';
import type { Images } from '../image/image-parts.ts';
import type { Trouble } from '../errors/trouble.ts';
import type { FlowBoard, FlowImages, FlowStage } from './flow-state.ts';

/** A person's choice. */
export type FlowChoice =
  /** The Pi that the board is for. */
  | { readonly type: 'choose-printer'; readonly piId: string; readonly name: string }
  /** There is none here, or it comes later. */
  | { readonly type: 'no-printer' }
  /** `place`: it is the board there. */
  | {
      readonly type: 'choose-board';
      readonly board: FlowBoard;
      readonly place?: PlaceId | null | undefined;
    }
  /** `crystalHz`: they are for the crystal that was found on a board like this, whatever its preset says. */
  | {
      readonly type: 'choose-images';
      readonly images: FlowImages;
      readonly crystalHz?: number | null | undefined;
    }
  /** Everything that had to be confirmed is confirmed. */
  | { readonly type: 'confirm' }
  /** By an SD card instead of DFU. */
  | { readonly type: 'choose-card' }
  /** Put this image onto this card. */
  | { readonly type: 'write-card'; readonly card: string; readonly image: string }
  /** This is the board's port. */
  | { readonly type: 'choose-port'; readonly place: PlaceId }
  /** Whether the old flash is kept before it is erased. */
  | { readonly type: 'choose-backup'; readonly isWanted: boolean }
  /** The board is on the bus of a bridge, at this place: write Klipper to it. */
  | { readonly type: 'choose-node'; readonly place: PlaceId }
  /** Back to an earlier stage, or after trouble to another try. */
  | { readonly type: 'back'; readonly stage: FlowStage }
  | { readonly type: 'retry' }
  /** The board is silent: find out which crystal it has. */
  | { readonly type: 'find-crystal' }
  /** The requested fact was read off the board, or is known about the images. */
  | { readonly type: 'vouch'; readonly confirmations: Confirmations }
  | PiChoice;

/** A person's choice about the Pi. */
export type PiChoice =
  | { readonly type: 'choose-pi'; readonly piId: string; readonly name: string }
  /** Another one, after all. */
  | { readonly type: 'leave-pi' }
  /** The plan that was shown; `goal` is its purpose. */
  | {
      readonly type: 'apply-pi';
      readonly planId: string;
      readonly goal: PiGoal;
      readonly confirmedIdle: ConfirmedIdle;
    }
  /** Nothing is left to do, so only prove that it works. */
  | { readonly type: 'prove-pi'; readonly goal: PiGoal; readonly confirmedIdle: ConfirmedIdle }
  /** An unfinished change: finish it, or, given its id, undo it. */
  | { readonly type: 'settle-pi'; readonly undo: string | null; readonly confirmedIdle: ConfirmedIdle }
  /** Only the board; skip the Pi. */
  | { readonly type: 'skip-pi' };

/** An observation of the station. */
export type FlowNews =
  /** What is plugged in, and the ports that other work or other flows hold. */
  | { readonly type: 'boards'; readonly boards: readonly Board[]; readonly heldPlaces: readonly PlaceId[] }
  | { readonly type: 'card-written'; readonly fileName: string; readonly isEjected: boolean }
  | { readonly type: 'card-refused'; readonly trouble: Trouble }
  | { readonly type: 'flash-started'; readonly jobId: string }
  | { readonly type: 'flash-refused'; readonly trouble: Trouble }
  | {
      readonly type: 'job';
      readonly jobId: string;
      readonly uid: string | null;
      readonly canbusUuid: string | null;
      /** The backup that it took. */
      readonly backupId: string | null;
      /** The board's crystal and the images for it, if a search found it. */
      readonly found?: { readonly crystalHz: number; readonly images: FlowImages } | null;
      readonly status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
      readonly trouble: Trouble | null;
      /** From a proof of the Pi; none from any other job. */
      readonly proofs: readonly ProofEvent[];
    }
  | { readonly type: 'pi-started'; readonly jobId: string }
  | { readonly type: 'pi-refused'; readonly trouble: Trouble }
  /** The station restarted: its work has ended. */
  | { readonly type: 'resumed' };

export type FlowEvent = (FlowChoice | FlowNews) & { /** ISO 8601. */ readonly at: string };

/** What to do because of an event. */
export type FlowEffect =
  | {
      readonly type: 'start-flash';
      readonly place: PlaceId;
      readonly board: FlowBoard;
      /** Of a node one at a time: Katapult over USB, then Klipper over CAN. */
      readonly images: Images<string>;
      readonly confirmations: Confirmations;
      /** Keep the old flash first. */
      readonly backup: boolean;
      /** The crystal that was found on such a board; null: as in its preset. */
      readonly crystalHz: number | null;
      /** Begin with the search for its crystal: these were silent before. */
      readonly search: { readonly silentHz: number[] } | null;
    }
  | {
      readonly type: 'write-card';
      readonly card: string;
      readonly board: FlowBoard;
      readonly image: string;
      readonly confirmations: Confirmations;
    }
  /** Begin the search that a job offers. */
  | { readonly type: 'search'; readonly jobId: string }
  /** Tell the flow again what is plugged in. */
  | { readonly type: 'look' }
  | { readonly type: 'start-pi'; readonly piId: string; readonly work: PiWork };

/** Work on a Pi that a flow wants done. */
export type PiWork = { readonly confirmedIdle: ConfirmedIdle } & (
  | { readonly kind: 'apply'; readonly planId: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'undo'; readonly changeId: string }
  | { readonly kind: 'prove'; readonly goal: PiGoal }
);
