import type { PlaceId } from '../place.ts';
import type { PiGoal } from '../pi/plan-types.ts';
import type { RunnableImages } from '../image/image-parts.ts';
import type { ProofEvent } from '../pi/proof.ts';
import { noConfirmations, type Confirmations } from '../boards/confirmations.ts';
import type { CanopusError, ErrorCode, ErrorDetails } from '../errors.ts';

/**
 * The stages of a board from the box to the printer:
 * - `board`: which board it is.
 * - `firmware`: which Katapult and which Klipper it gets.
 * - `dfu`: jumper, power and reset, until it is seen on a USB port.
 * - `flash`: both are written, with the jumper taken off in between.
 * - `pi`: the printer's Pi is set up for it and proven; may be skipped.
 * - `done`: it runs as a bridge, its UUID is known, and the Pi works as wished.
 */
export const flowStages = ['board', 'firmware', 'dfu', 'flash', 'pi', 'done'] as const;
export type FlowStage = (typeof flowStages)[number];

/** The chosen variant of a preset, with what the flow needs of it. */
export interface FlowBoard {
  readonly presetId: string;
  readonly variantId: string;
  readonly name: string;
  readonly mcu: string;
  readonly crystalHz: number;
  /** What must be confirmed before the board may be put into DFU; may be empty. */
  readonly confirms: readonly string[];
}

/** Keys of images in the station's cache. A flow ends with a board that runs. */
export type FlowImages = RunnableImages<string>;

/**
 * The step of the work on the Pi.
 * - `plan`: a person looks at the plan.
 * - `settle`: an earlier change is finished or undone.
 * - `apply`: the plan is applied.
 * - `prove`: the result is checked.
 */
export const flowPiSteps = ['plan', 'settle', 'apply', 'prove'] as const;
export type FlowPiStep = (typeof flowPiSteps)[number];

/** The Pi that was chosen for a board. */
export interface FlowPi {
  readonly piId: string;
  readonly name: string;
  readonly step: FlowPiStep;
  /** Of the step; null in `plan`, and until the work has begun. */
  readonly jobId: string | null;
  /** What will be proven, once a plan was agreed to. */
  readonly goal: PiGoal | null;
  /** A person has checked that the printer is idle. */
  readonly confirmedIdle: boolean;
  /** The results of the last proof. */
  readonly proofs: readonly ProofEvent[];
}

/** Why the flow does not continue. */
export interface FlowTrouble {
  readonly code: ErrorCode;
  readonly message: string;
  readonly state: CanopusError['state'];
  /** What a next step can be based on. */
  readonly details?: ErrorDetails | undefined;
}

/** The flow of one board. Plain data: stored in a file, sent to windows. */
export interface FlowState {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly stage: FlowStage;
  readonly board: FlowBoard | null;
  readonly images: FlowImages | null;
  /** The crystal that was found on the board, or on another like it; null: as in the preset. */
  readonly crystalHz: number | null;
  /** Everything in `board.confirms` was confirmed. */
  readonly isConfirmed: boolean;
  /** What a person confirmed about this board and these images. */
  readonly confirmations: Confirmations;
  /** The old flash is kept before it is erased. */
  readonly isBackupWanted: boolean;
  /** The backup that was taken of it; another one would hold what a first try has written. */
  readonly backupId: string | null;
  /** The USB port of this board, once it was seen there. */
  readonly place: PlaceId | null;
  /** The last board that was begun with, by the tracker's id; null before, and after a restart. */
  readonly boardId: string | null;
  /**
   * Ports with a board in DFU or Katapult when the flow began to wait: such a board must be chosen. Null before the
   * first look.
   */
  readonly placesBefore: readonly PlaceId[] | null;
  /** Since when the flow waits for a person; null while it does not. */
  readonly waitingSince: string | null;
  readonly jobId: string | null;
  readonly uid: string | null;
  readonly canbusUuid: string | null;
  /** Null before one was chosen, and if the Pi was skipped. */
  readonly pi: FlowPi | null;
  readonly trouble: FlowTrouble | null;
}

export function newFlow(id: string, at: string, place: PlaceId | null): FlowState {
  return {
    id,
    startedAt: at,
    stage: 'board',
    board: null,
    images: null,
    crystalHz: null,
    isConfirmed: false,
    confirmations: noConfirmations,
    isBackupWanted: true,
    backupId: null,
    place,
    boardId: null,
    placesBefore: null,
    waitingSince: null,
    jobId: null,
    uid: null,
    canbusUuid: null,
    pi: null,
    trouble: null,
  };
}
