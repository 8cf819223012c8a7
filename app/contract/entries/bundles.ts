import * as z from 'zod/mini';
import { call, stream } from '../define.ts';
import { imageKey } from './images.ts';

/** Bytes of a bundle in one message: far below the limit of a text, and quick to send. */
export const bundlePieceBytes = 256 * 1024;
/** The largest bundle that a window may import. */
export const maxBundleBytes = 128 * 1024 * 1024;

const base64 = z
  .string()
  .check(z.maxLength((bundlePieceBytes * 4) / 3 + 4), z.regex(/^[A-Za-z0-9+/]*={0,2}$/));
/** Null: all images. */
const keys = z.nullable(z.array(imageKey).check(z.minLength(1), z.maxLength(5000)));

/** Images as zip files, in pieces because messages are limited in size. */
export const bundleEntries = {
  /** The bundle from its start; asking again starts it again. */
  'bundles.export': stream({
    input: z.strictObject({ keys }),
    event: z.discriminatedUnion('type', [
      z.object({ type: z.literal('start'), bytes: z.int(), images: z.int(), keys: z.array(imageKey) }),
      z.object({ type: z.literal('piece'), base64 }),
    ]),
  }),
  /** Lets the person choose a folder and writes the bundle there; null if they do not. Only if `features` has it. */
  'bundles.save': call({
    input: z.strictObject({ keys }),
    output: z.nullable(z.object({ file: z.string(), bytes: z.int(), images: z.int() })),
  }),
  /** The next piece of an incoming bundle; `at` 0 starts another one. One at a time per window. */
  'bundles.put': call({ input: z.strictObject({ at: z.int(), base64 }), output: z.null() }),
  /**
   * Checks and imports what arrived, completely or not at all. `signer`: `known` for a bundle of the makers of this
   * program. Throws `cache/bad-bundle`, `cache/forged-bundle`.
   */
  'bundles.import': call({
    input: z.strictObject({ name: z.string().check(z.minLength(1), z.maxLength(255)) }),
    output: z.object({
      added: z.array(imageKey),
      known: z.array(imageKey),
      signer: z.enum(['known', 'unknown', 'none']),
    }),
  }),
};
