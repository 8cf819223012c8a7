import * as z from 'zod/mini';
import { confirmationsSchema, noConfirmations } from '../boards/confirmations.ts';
import { boardRoles } from '../boards/board-role.ts';
import { troubleSchema } from '../errors/trouble.ts';
import { runnableImageKeysSchema, type RunnableImages } from '../image/image-parts.ts';
import { piGoalSchema } from '../pi/plan-types.ts';
import { confirmedIdleSchema } from '../pi/printer-ref.ts';
import { proofEventSchema } from '../pi/proof.ts';
import { placeId, type PlaceId } from '../place.ts';
import type { Plain } from '../plain.ts';
import { idSchema } from '../units.ts';

/**
 * The stages of a board from the box to the printer:
 * - `printer`: which Pi it is for, if any.
 * - `board`: which board it is.
 * - `firmware`: which Katapult and which Klipper it gets.
 * - `dfu`: jumper, power and reset, until it is seen on a USB port; or an SD card, until the board has started from it.
 * - `flash`: both are written, with the jumper taken off in between. A node gets Katapult alone.
 * - `bus`: a node only: off USB and onto its bus, where Klipper is written to it over CAN.
 * - `pi`: the printer's Pi is set up for it and proven; may be skipped. Not of a node.
 * - `done`: it runs as a bridge, its UUID is known, and the Pi works as wished; or it runs on its bus.
 */
export const flowStages = ['printer', 'board', 'firmware', 'dfu', 'flash', 'bus', 'pi', 'done'] as const;
export type FlowStage = (typeof flowStages)[number];

/** What a board is for: a Pi that the station knows, or none yet. */
const flowPrinterSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pi'), piId: z.string(), name: z.string() }),
  z.object({ kind: z.literal('none') }),
]);

export type FlowPrinter = Plain<z.infer<typeof flowPrinterSchema>>;

/** The chosen variant of a preset, with what the flow needs of it. */
const flowBoardSchema = z.object({
  presetId: z.string(),
  variantId: z.string(),
  name: z.string(),
  mcu: z.string(),
  crystalHz: z.number(),
  /** What it becomes on the bus. */
  role: z._default(z.enum(boardRoles), 'bridge'),
  /** What must be confirmed before the board may be put into DFU; may be empty. */
  confirms: z.array(z.string()),
});

export type FlowBoard = Plain<z.infer<typeof flowBoardSchema>>;

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
const flowPiSchema = z.object({
  piId: z.string(),
  name: z.string(),
  step: z.enum(flowPiSteps),
  /** Of the step; null in `plan`, and until the work has begun. */
  jobId: z.nullable(z.string()),
  /** What will be proven, once a plan was agreed to. */
  goal: z.nullable(piGoalSchema),
  /** A person has checked that the printer is idle. */
  confirmedIdle: confirmedIdleSchema,
  /** The results of the last proof. */
  proofs: z.array(proofEventSchema),
});

export type FlowPi = Plain<z.infer<typeof flowPiSchema>>;

/**
 * The SD card by which a board is flashed instead of DFU.
 * - `write`: an image and a card are chosen.
 * - `writing`: the card is written.
 * - `boot`: it goes into the board, which is powered; what enumerates then shows whether it worked.
 */
const flowCardSchema = z.object({
  step: z.enum(['write', 'writing', 'boot']),
  /** On the card; null before it is written. */
  fileName: z.nullable(z.string()),
  /** The system has let go of the card. */
  isEjected: z.boolean(),
  /** Chips that ran as a bridge when the flow began to wait. */
  uidsBefore: z.array(z.string()),
});

export type FlowCard = Plain<z.infer<typeof flowCardSchema>>;

/**
 * The flow of one board. Plain data: stored in a file, sent to windows. A default is what a file of a version without
 * that field means.
 */
export const flowStateSchema = z.object({
  id: idSchema,
  /** ISO 8601. */
  startedAt: z.string(),
  stage: z.enum(flowStages),
  /** Null before it was asked. */
  printer: z._default(z.nullable(flowPrinterSchema), null),
  board: z.nullable(flowBoardSchema),
  images: z.nullable(runnableImageKeysSchema),
  /** The crystal that was found on the board, or on another like it; null: as in the preset. */
  crystalHz: z._default(z.nullable(z.int()), null),
  /** Null: the board is flashed over USB. */
  card: z._default(z.nullable(flowCardSchema), null),
  /** Everything in `board.confirms` was confirmed. */
  isConfirmed: z.boolean(),
  /** What a person confirmed about this board and these images. */
  confirmations: z._default(confirmationsSchema, noConfirmations),
  /** The old flash is kept before it is erased. */
  isBackupWanted: z._default(z.boolean(), false),
  /** The backup that was taken of it; another one would hold what a first try has written. */
  backupId: z._default(z.nullable(z.string()), null),
  /** The USB port of this board, once it was seen there. */
  place: z.nullable(placeId),
  /** The last board that was begun with, by the tracker's id; null before, and after a restart. */
  boardId: z._default(z.nullable(z.string()), null),
  /**
   * Ports with a board in DFU or Katapult when the flow began to wait: such a board must be chosen. Null before the
   * first look.
   */
  placesBefore: z.nullable(z.array(placeId)),
  /** Since when the flow waits for a person; null while it does not. */
  waitingSince: z.nullable(z.string()),
  jobId: z.nullable(z.string()),
  uid: z.nullable(z.string()),
  canbusUuid: z.nullable(z.string()),
  /** Where the board is on its bus, once a bridge was chosen; null: not a node, or not there yet. */
  nodePlace: z._default(z.nullable(placeId), null),
  /** Null before one was chosen, and if the Pi was skipped. */
  pi: z._default(z.nullable(flowPiSchema), null),
  trouble: z.nullable(troubleSchema),
});

export type FlowState = Plain<z.infer<typeof flowStateSchema>>;

/** The stages that a board goes through; one that is not chosen yet is taken for a bridge. */
export function flowStagesOf({ board }: Pick<FlowState, 'board'>): readonly FlowStage[] {
  const skipped: FlowStage = board?.role === 'node' ? 'pi' : 'bus';
  return flowStages.filter((stage) => stage !== skipped);
}

/** False for one that was only opened: it has nothing to go on with. */
export function isBegun({ stage, board }: Pick<FlowState, 'stage' | 'board'>): boolean {
  return board !== null || (stage !== 'printer' && stage !== 'board');
}

export function newFlow(id: string, at: string, place: PlaceId | null): FlowState {
  return {
    id,
    startedAt: at,
    stage: 'printer',
    printer: null,
    board: null,
    images: null,
    crystalHz: null,
    card: null,
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
    nodePlace: null,
    pi: null,
    trouble: null,
  };
}
