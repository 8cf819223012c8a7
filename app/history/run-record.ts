import { placeId } from '../place.ts';
import * as z from 'zod/mini';
import { canbusUuidSource } from '../boards/canbus-uuid-source.ts';
import { imageRecordSchema } from '../build/image-record.ts';
import { imageParts } from '../image/image-parts.ts';
import type { Plain } from '../plain.ts';
import { wireError } from '../errors/wire-error.ts';
import { boardStates } from '../errors.ts';

/** What a run set out to do with a board. */
export const runKinds = ['flash-board', 'install-katapult', 'install-klipper', 'restore'] as const;

export type RunKind = (typeof runKinds)[number];

/**
 * The status of a run. `interrupted`: its process ended in the middle of it, by a crash, a kill or a power cut; found
 * out afterwards.
 */
export const runStatuses = ['running', 'done', 'failed', 'cancelled', 'interrupted'] as const;

export type RunStatus = (typeof runStatuses)[number];

/**
 * The result of an image in a run. `not-written`: this run put none of it on the board. `partial`: its place was
 * erased, and what was written there was not all read back. `verified`: every byte was read back.
 */
export const imageResults = ['not-written', 'partial', 'verified'] as const;

export type ImageResult = (typeof imageResults)[number];

const time = z.string();
const text = z.nullable(z.string());

const runPhase = z.object({ step: text, phase: z.string(), durationMs: z.int() });

/** One image of a run: what it is, where it came from, and its result. */
export const runImage = z.object({
  part: z.enum(imageParts),
  result: z.enum(imageResults),
  /** As given: a file's name, or a few words. */
  name: z.string(),
  /** Of the image, lower-case hex. */
  sha256: z.string(),
  size: z.int(),
  mcu: text,
  version: text,
  /** Its key in the cache of this computer; null for a file. */
  key: text,
  origin: z.enum(['built', 'imported', 'file']),
  importedFrom: text,
  /** Sources, toolchain and recipe; null if no station built it. */
  build: imageRecordSchema.shape.build,
});

export type RunImage = Plain<z.infer<typeof runImage>>;

/** Everything about one run. Times are ISO 8601, UTC. */
export const runRecord = z.object({
  id: z.int(),
  kind: z.enum(runKinds),
  /** On a virtual board: shown separately, and no wear of any chip. */
  virtual: z.boolean(),
  status: z.enum(runStatuses),
  /** The session of the program that it was part of: a station from start to end, or one command. */
  session: z.string(),
  startedAt: time,
  /** The last sign of life. */
  updatedAt: time,
  endedAt: z.nullable(time),
  place: placeId,
  slot: text,
  presetId: text,
  variantId: text,
  /** From the board's bootloader; or the images' MCU if none reported it. */
  mcu: text,
  bootloader: text,
  uid: text,
  canbusUuid: text,
  /** Null if there is no UUID, and for a run recorded before the source was. */
  canbusUuidSource: z.nullable(canbusUuidSource),
  operator: text,
  /** The computer, and the version of Canopus on it. */
  host: z.string(),
  station: z.string(),
  step: text,
  phase: text,
  /** What the run left on the board; while it runs, what a crash now would leave. */
  state: z.enum(boardStates),
  phases: z.array(runPhase),
  error: z.nullable(wireError),
  /** When a person acknowledged the interruption. */
  acknowledgedAt: z.nullable(time),
  images: z.array(runImage),
  /** The crystal that was found on a silent board; null if none was searched for, or found. */
  crystalHz: z.nullable(z.int()),
  /** The backup that it took of the flash before it wrote, or that it restored. */
  backupId: text,
});

export type RunRecord = Plain<z.infer<typeof runRecord>>;
