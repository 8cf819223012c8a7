import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { runnableImagesOf } from '../image/image-parts.ts';
import { runImage, runRecord } from './run-record.ts';

const standing = z.enum(['same', 'older', 'newer', 'different', 'unknown']);

/** What was verified on the board last, in which run, and what that run left the board as. */
const onBoard = z.object({
  runId: z.int(),
  at: z.string(),
  state: runRecord.shape.state,
  image: runImage,
});

/** Everything that a history knows of one board. */
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
  /** The backup that was put back after them: what they wrote is gone. Null where none was. */
  restored: z.nullable(z.object({ runId: z.int(), at: z.string(), backupId: z.nullable(z.string()) })),
  /** A later run erased or wrote a part and did not finish Klipper: what was verified before is not there as it was. */
  disturbed: z.boolean(),
  /** How Klipper compares with the version that was asked for; null where none was. */
  standing: z.nullable(standing),
  wear: z.object({
    /** Of the sector that was erased most often. */
    cycles: z.int(),
    endurance: z.int(),
    sectors: z.array(z.object({ start: z.int(), size: z.int(), times: z.int() })),
  }),
  reflash: z.object({
    commands: z.array(z.string()),
    obstacles: z.array(z.string()),
    /** Keys of the very images where the cache has both. */
    images: z.nullable(runnableImagesOf(z.string())),
  }),
});

export type BoardFacts = Plain<z.infer<typeof boardFacts>>;
