import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { runnableImagesOf } from '../image/image-parts.ts';
import { runImage, runRecord } from './run-record.ts';

const standing = z.enum(['same', 'older', 'newer', 'different', 'unknown']);

/** What was last verified on the board, in which run, and the state after that run. */
const onBoard = z.object({
  runId: z.int(),
  at: z.string(),
  state: runRecord.shape.state,
  image: runImage,
});

/** Everything that a history knows about one board. */
export const boardFacts = z.object({
  uid: z.string(),
  canbusUuid: z.string(),
  virtual: z.boolean(),
  presetId: z.nullable(z.string()),
  variantId: z.nullable(z.string()),
  mcu: z.nullable(z.string()),
  runs: z.int(),
  firstSeenAt: z.string(),
  lastRun: runRecord,
  bootloader: z.nullable(onBoard),
  application: z.nullable(onBoard),
  /** The backup that was restored after them: what they wrote is gone. Null if there was none. */
  restored: z.nullable(z.object({ runId: z.int(), at: z.string(), backupId: z.nullable(z.string()) })),
  /** A later run erased or wrote a part and did not finish Klipper: the board no longer holds what was verified. */
  disturbed: z.boolean(),
  /** How Klipper compares with the version asked for; null if none was. */
  standing: z.nullable(standing),
  wear: z.object({
    /** For the sector erased most often. */
    cycles: z.int(),
    endurance: z.int(),
    sectors: z.array(z.object({ start: z.int(), size: z.int(), times: z.int() })),
  }),
  reflash: z.object({
    commands: z.array(z.string()),
    obstacles: z.array(z.string()),
    /** Keys of the exact images if the cache has both. */
    images: z.nullable(runnableImagesOf(z.string())),
  }),
});

export type BoardFacts = Plain<z.infer<typeof boardFacts>>;
