import { placeId } from '../../place.ts';
import * as z from 'zod/mini';
import { call, replayStream, stream } from '../define.ts';
import { table } from '../table.ts';
import { wireError } from '../../errors/wire-error.ts';
import { canbusUuidSource } from '../../boards/canbus-uuid-source.ts';
import { buildPhases } from '../../build/build-event.ts';
import { logLevels } from '../../build/compiler-line.ts';
import { firmwareTargets } from '../../build/recipe.ts';
import { flashEventSchemas, flashReportSchema, phaseSchema } from '../../flash/flash-event.ts';
import { asks, runSteps } from '../../flash/run-step.ts';
import { searchProgressSchema } from '../../rescue/crystal-search.ts';
import { sights } from '../../rescue/sight.ts';
import { boardModes } from '../../boards/board-mode.ts';
import { imageKeysSchema, runnableImageKeysSchema } from '../../image/image-parts.ts';
import { changeEventSchemas } from '../../pi/change-event.ts';
import { idSchema } from '../../units.ts';
import { changeIdSchema } from '../../pi/journal.ts';
import { proofEventSchema } from '../../pi/proof.ts';

const flashStep = z.enum([...runSteps, 'done']);
const ask = z.enum(asks);
const sight = z.enum(sights);
/** The crystal that the started firmware is built for; null if its image does not state it. */
const builtForHz = z.nullable(z.int());

/** A board's crystal that a search found, with the images for it. */
const foundCrystal = z.object({ crystalHz: z.int(), images: runnableImageKeysSchema });

const buildPhase = z.enum(buildPhases);
const target = z.enum(firmwareTargets);

const flashBoardReport = z.object({
  kind: z.literal('flash-board'),
  place: placeId,
  /** Null if the chip did not report it: usually in ROM DFU, if nothing ran after that. */
  uid: z.nullable(z.string()),
  canbusUuid: z.nullable(z.string()),
  canbusUuidSource: z.nullable(canbusUuidSource),
  mcu: z.nullable(z.string()),
  /** The mode that the board was then seen in; null if it was not waited for, or never shows on USB. */
  seen: z.nullable(z.enum(boardModes)),
  /** Null for a part that was not written: the order has no image for it, or the bootloader on the board was kept. */
  written: z.object({
    bootloader: z.nullable(flashReportSchema),
    application: z.nullable(flashReportSchema),
  }),
  /** What was written instead of the ordered images. */
  found: z.nullable(foundCrystal),
});

const restoreReport = z.object({
  kind: z.literal('restore'),
  place: placeId,
  backupId: z.string(),
  /** From the ROM, or confirmed by a person; null if neither. */
  uid: z.nullable(z.string()),
  outcome: z.enum(['restored', 'unchanged']),
  bytesVerified: z.int(),
  sectorsErased: z.int(),
  /** The program in it was started. */
  isStarted: z.boolean(),
});

const buildReport = z.object({
  kind: z.literal('build'),
  images: imageKeysSchema,
});

/** For an apply, for finishing one, and for an undo. */
const piChangeReport = z.object({
  kind: z.literal('pi-change'),
  changeId: changeIdSchema,
  stepsDone: z.int(),
});

const piProofReport = z.object({ kind: z.literal('pi-proof'), proofs: z.array(proofEventSchema) });

/** For an update, for resuming one, for a roll back and for a proof. */
const printerReport = z.object({
  kind: z.literal('printer-update'),
  /** Null if nothing was ever updated. */
  updateId: z.nullable(changeIdSchema),
  /** MCUs that it wrote. */
  written: z.int(),
  state: z.nullable(z.enum(['updating', 'updated', 'going-back', 'back'])),
});

export const jobId = idSchema;

const jobStatus = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']);

/** The state of a piece of work: enough to show it without its events. Times are ISO 8601. */
const job = z.object({
  id: jobId,
  kind: z.enum([
    'flash-board',
    'restore',
    'build',
    'pi-apply',
    'pi-undo',
    'pi-prove',
    'printer-update',
    'printer-rollback',
    'printer-prove',
  ]),
  place: z.nullable(placeId),
  /** The Pi that it works on. */
  piId: z.nullable(z.string()),
  presetId: z.nullable(z.string()),
  status: jobStatus,
  queuedAt: z.string(),
  startedAt: z.nullable(z.string()),
  endedAt: z.nullable(z.string()),
  step: z.nullable(flashStep),
  phase: z.nullable(phaseSchema),
  /** False while an interruption would leave something half done that only a repeat repairs. */
  safeToStop: z.boolean(),
  progress: z.nullable(
    z.object({ phase: phaseSchema, bytesDone: z.int(), bytesTotal: z.int(), startedAt: z.string() }),
  ),
  ask: z.nullable(ask),
  /** The last sight of a board that should appear. */
  sight: z.nullable(z.object({ sight, builtForHz })),
  /** The crystals that may be tried on a silent board: `flash.search` begins it. */
  offer: z.nullable(z.array(z.int())),
  search: z.nullable(searchProgressSchema),
  uid: z.nullable(z.string()),
  canbusUuid: z.nullable(z.string()),
  canbusUuidSource: z.nullable(canbusUuidSource),
  /** The backup that it took of the old flash. */
  backupId: z.nullable(z.string()),
  error: z.nullable(wireError),
  /** The progress of a build. */
  build: z.nullable(z.object({ target, phase: buildPhase })),
  /** The progress of a change of a Pi, counted from 0. */
  piStep: z.nullable(z.object({ index: z.int(), steps: z.int(), what: z.string() })),
  /** The findings about a Pi so far, the last of each. */
  proofs: z.array(proofEventSchema),
  report: z.nullable(
    z.discriminatedUnion('kind', [
      flashBoardReport,
      restoreReport,
      buildReport,
      piChangeReport,
      piProofReport,
      printerReport,
    ]),
  ),
});

/** An event in a piece of work. */
const jobEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('step'), step: flashStep, place: placeId }),
  z.object({
    type: z.literal('seen'),
    mode: z.enum(boardModes),
    place: placeId,
    uid: z.nullable(z.string()),
    canbusUuid: z.nullable(z.string()),
    tty: z.nullable(z.string()),
  }),
  z.object({ type: z.literal('ask'), ask, text: z.string() }),
  z.object({ type: z.literal('sight'), sight, place: placeId, builtForHz }),
  z.object({
    type: z.literal('offer'),
    offer: z.literal('crystal-search'),
    crystalsHz: z.array(z.int()),
  }),
  z.object({ type: z.literal('search'), place: placeId, ...searchProgressSchema.shape }),
  ...flashEventSchemas,
  /** The old content of flash is safe. */
  z.object({ type: z.literal('backup'), backupId: z.string() }),
  z.object({ type: z.literal('build-phase'), target, phase: buildPhase }),
  z.object({
    type: z.literal('line'),
    target,
    level: z.enum(logLevels),
    text: z.string(),
  }),
  z.object({ type: z.literal('cached'), target, key: z.string() }),
  ...changeEventSchemas,
  proofEventSchema,
  z.object({ type: z.literal('ended'), status: jobStatus, error: z.nullable(wireError) }),
]);

export const jobEntries = {
  /** All current and recent work: first all, then each change; progress is merged for a slow client. */
  'jobs.overview': stream({
    input: z.null(),
    event: table(job),
  }),
  /** The state of a job, even after its end as long as it is remembered. Throws `job/unknown`. */
  'jobs.get': call({ input: z.strictObject({ jobId }), output: job }),
  /** Every event of one job from its start until it ends. */
  'jobs.watch': replayStream({
    input: z.strictObject({ jobId }),
    event: z.object({ at: z.string(), event: jobEvent }),
  }),
  /** Asks a job to end at its next safe point. Returns false if it has already ended. */
  'jobs.cancel': call({ input: z.strictObject({ jobId }), output: z.boolean() }),
};
