import type { CanopusError, ErrorCode } from '../errors.ts';

/**
 * Where a board is on its way from the box to the printer:
 * - `board`: which board it is.
 * - `firmware`: which Katapult and which Klipper it gets.
 * - `dfu`: jumper, power and reset, until it is seen on a USB port.
 * - `flash`: both are written, with the jumper taken off in between.
 * - `done`: it runs as a bridge and its UUID is known.
 */
export const flowStages = ['board', 'firmware', 'dfu', 'flash', 'done'] as const;
export type FlowStage = (typeof flowStages)[number];

/** What was chosen: a variant of a preset, with what the flow needs of it. */
export interface FlowBoard {
  readonly presetId: string;
  readonly variantId: string;
  readonly name: string;
  readonly mcu: string;
  readonly crystalHz: number;
  /** What must be confirmed before the board may be put into DFU; empty where nothing must. */
  readonly confirms: readonly string[];
}

/** Keys of images in the station's cache. */
export interface FlowImages {
  readonly katapult: string;
  readonly klipper: string;
}

/** Why the flow does not go on by itself. */
export interface FlowTrouble {
  readonly code: ErrorCode;
  readonly message: string;
  readonly state: CanopusError['state'];
}

/** One board's way. Plain data: kept in a file, sent to windows. */
export interface FlowState {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly stage: FlowStage;
  readonly board: FlowBoard | null;
  readonly images: FlowImages | null;
  /** Everything in `board.confirms` was confirmed. */
  readonly isConfirmed: boolean;
  /** The USB port that is this board's since it was seen there. */
  readonly portPath: string | null;
  /**
   * Ports on which something was in DFU or Katapult when the flow began to wait: never taken without being chosen.
   * Null before the first look.
   */
  readonly portsBefore: readonly string[] | null;
  /** Since when something has to happen that a person does; null while nothing has to. */
  readonly waitingSince: string | null;
  readonly jobId: string | null;
  readonly uid: string | null;
  readonly canbusUuid: string | null;
  readonly trouble: FlowTrouble | null;
}

export function newFlow(id: string, at: string, portPath: string | null): FlowState {
  return {
    id,
    startedAt: at,
    stage: 'board',
    board: null,
    images: null,
    isConfirmed: false,
    portPath,
    portsBefore: null,
    waitingSince: null,
    jobId: null,
    uid: null,
    canbusUuid: null,
    trouble: null,
  };
}
