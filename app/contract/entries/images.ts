import * as z from 'zod/mini';
import { imageRecordSchema } from '../../build/image-record.ts';
import { errorCodes } from '../../errors.ts';
import { sha256Schema } from '../../units.ts';
import { imagesOf, runnableImagesOf } from '../../image/image-parts.ts';
import { call } from '../define.ts';
import { boardChoice } from './presets.ts';

/** Names an image of the station's cache. */
export const imageKey = sha256Schema;

/** An image that the station holds, with all that is known of where it came from. */
export const listedImage = z.object({
  record: imageRecordSchema,
  pinned: z.boolean(),
  /** It was written to a board. */
  held: z.boolean(),
  /** ISO 8601. */
  lastUsedAt: z.string(),
});

/** Something that speaks against writing an image to a board. */
const imageProblem = z.object({ code: z.enum(errorCodes), message: z.string() });

/** Of an order: one image at least. */
export const imageKeys = imagesOf(imageKey);

/** Of an order after which a board runs. */
export const runnableImageKeys = runnableImagesOf(imageKey);

/** As many as fit into one answer with room to spare. */
export const maxListedImages = 800;

export const imageEntries = {
  /** Last used first, `maxListedImages` at most. */
  'images.list': call({ input: z.null(), output: z.array(listedImage) }),
  /** Inspects a file and keeps it. The same bytes twice are one image. Rejects with `image/…`. */
  'images.import': call({
    input: z.strictObject({
      name: z.string().check(z.minLength(1), z.maxLength(255)),
      base64: z.string().check(z.regex(/^[A-Za-z0-9+/]*={0,2}$/)),
    }),
    output: listedImage,
  }),
  /** All that is known of one image. It is read and verified for that; rejects with `cache/unknown-image`. */
  'images.inspect': call({
    input: z.strictObject({ key: imageKey }),
    output: z.object({
      image: listedImage,
      /** The whole resolved configuration; null for imported images, or where it is lost. */
      config: z.nullable(z.string()),
      /** What the compiler said. */
      log: z.nullable(z.string()),
      /** The constants that Klipper tells its host, as text; empty for others. */
      constants: z.record(z.string(), z.string()),
    }),
  }),
  'images.usage': call({
    input: z.null(),
    output: z.object({ images: z.int(), bytes: z.int(), maxBytes: z.int() }),
  }),
  /** Reads and hashes everything; what is damaged is removed and built again when it is asked for. */
  'images.verify': call({
    input: z.null(),
    output: z.object({ images: z.int(), damaged: z.array(imageKey), removedObjects: z.int() }),
  }),
  /** What speaks against each image of the cache for a board, by key; an image that fits has none. */
  'images.check': call({
    input: boardChoice,
    output: z.record(imageKey, z.array(imageProblem)),
  }),
  /** The one image whose key begins so, at least four digits of it. Rejects with `cache/unknown-image`. */
  'images.find': call({
    input: z.strictObject({ start: z.string().check(z.regex(/^[0-9a-f]{0,64}$/i)) }),
    output: z.object({ key: imageKey }),
  }),
  /** The bytes of one image, verified just now. Rejects with `cache/…`. */
  'images.read': call({
    input: z.strictObject({ key: imageKey }),
    output: z.object({ base64: z.string() }),
  }),
  /** Removes the longest unused ones until the rest fits, but none that is pinned or on a board. */
  'images.prune': call({
    input: z.strictObject({ maxBytes: z.int().check(z.gte(0)) }),
    output: z.object({ removed: z.array(imageKey), bytesBefore: z.int(), bytesAfter: z.int() }),
  }),
  'images.forget': call({ input: z.strictObject({ key: imageKey }), output: z.null() }),
  'images.pin': call({ input: z.strictObject({ key: imageKey, pinned: z.boolean() }), output: z.null() }),
  /** Look-alike images for virtual boards; they run on no real chip and are refused for one. */
  'images.sample': call({ input: boardChoice, output: runnableImageKeys }),
};
