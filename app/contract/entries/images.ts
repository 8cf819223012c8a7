import * as z from 'zod/mini';
import { buildPhases } from '../../build/build-event.ts';
import { exportedRecordSchema } from '../../build/exported-record.ts';
import { listedImageSchema } from '../../build/image-record.ts';
import { errorCodes } from '../../errors.ts';
import { sha256Schema } from '../../units.ts';
import { runnableImageKeysSchema } from '../../image/image-parts.ts';
import { call, stream } from '../define.ts';
import { boardChoice } from './presets.ts';

/** Names an image of the station's cache. */
export const imageKey = sha256Schema;

/** A reason against writing an image to a board. */
export const imageProblem = z.object({ code: z.enum(errorCodes), message: z.string() });

/** As many as fit into one reply with room to spare. */
export const maxListedImages = 800;

export const imageEntries = {
  /** Last used first, `maxListedImages` at most. */
  'images.list': call({ input: z.null(), output: z.array(listedImageSchema) }),
  /** Inspects a file and stores it. The same bytes twice are one image. Throws `image/…`. */
  'images.import': call({
    input: z.strictObject({
      name: z.string().check(z.minLength(1), z.maxLength(255)),
      base64: z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
    }),
    output: listedImageSchema,
  }),
  /** Everything known about one image, which is read and verified for it; throws `cache/unknown-image`. */
  'images.inspect': call({
    input: z.strictObject({ key: imageKey }),
    output: z.object({
      image: listedImageSchema,
      /** The whole resolved configuration; null for imported images, or if it is lost. */
      config: z.nullable(z.string()),
      /** The compiler's output. */
      log: z.nullable(z.string()),
      /** The constants that Klipper reports to its host, as text; empty for others. */
      constants: z.record(z.string(), z.string()),
    }),
  }),
  /** What another computer needs to check where an image comes from. Throws `image/no-record` if it was not built. */
  'images.record': call({ input: z.strictObject({ key: imageKey }), output: exportedRecordSchema }),
  /**
   * Builds the image of a record again and compares. Throws `image/not-rebuildable`, and what a build throws. `result` is
   * last.
   */
  'images.rebuild': stream({
    input: z.strictObject({
      record: exportedRecordSchema,
      /** Null: where the record says, or where the firmware is developed. */
      source: z.nullable(z.string().check(z.minLength(1), z.maxLength(1000))),
      on: z.string().check(z.maxLength(300)),
    }),
    event: z.discriminatedUnion('type', [
      z.object({ type: z.literal('phase'), phase: z.enum(buildPhases) }),
      z.object({ type: z.literal('note'), text: z.string() }),
      z.object({ type: z.literal('result'), isIdentical: z.boolean(), differences: z.array(z.string()) }),
    ]),
  }),
  'images.usage': call({
    input: z.null(),
    output: z.object({ images: z.int(), bytes: z.int(), maxBytes: z.int() }),
  }),
  /** Reads and hashes everything; damaged images are removed and rebuilt when needed. */
  'images.verify': call({
    input: z.null(),
    output: z.object({ images: z.int(), damaged: z.array(imageKey), removedObjects: z.int() }),
  }),
  /** What contradicts each image of the cache for a board, by key; an image that fits has no entries. */
  'images.check': call({
    input: boardChoice,
    output: z.record(imageKey, z.array(imageProblem)),
  }),
  /** The only image whose key begins with at least four given digits. Throws `cache/unknown-image`. */
  'images.find': call({
    input: z.strictObject({ start: z.string().check(z.regex(/^[0-9a-f]{0,64}$/i)) }),
    output: z.object({ key: imageKey }),
  }),
  /** The bytes of one image, just verified. Throws `cache/…`. */
  'images.read': call({
    input: z.strictObject({ key: imageKey }),
    output: z.object({ base64: z.string() }),
  }),
  /** Removes those unused the longest until the rest fits, but none that is pinned or on a board. */
  'images.prune': call({
    input: z.strictObject({ maxBytes: z.int().check(z.gte(0)) }),
    output: z.object({ removed: z.array(imageKey), bytesBefore: z.int(), bytesAfter: z.int() }),
  }),
  'images.forget': call({ input: z.strictObject({ key: imageKey }), output: z.null() }),
  'images.pin': call({ input: z.strictObject({ key: imageKey, pinned: z.boolean() }), output: z.null() }),
  /** Sample images for virtual boards; they run on no real chip and are refused for one. */
  'images.sample': call({ input: boardChoice, output: runnableImageKeysSchema }),
};
