import * as z from 'zod/mini';
import { boardRoles } from '../boards/board-role.ts';
import type { Plain } from '../plain.ts';
import { sha256Schema } from '../units.ts';
import type { ImageInfo } from '../image/image-info.ts';
import { firmwareTargets } from './recipe.ts';

const text = z.string().check(z.maxLength(4_000));
const symbols = z.record(z.string().check(z.regex(/^[A-Z][A-Z0-9_]*$/)), text);

/** The facts of an image that are kept beside it, so that a list need not read images. */
const storedInfo = z.object({
  kind: z.enum(['katapult', 'klipper', 'deployer', 'unknown']),
  mcu: z.nullable(text),
  applicationAddress: z.nullable(z.int()),
  launchAddress: z.nullable(z.int()),
  initialStackPointer: z.int(),
  resetVector: z.int(),
  version: z.nullable(text),
  usb: z.nullable(z.boolean()),
  can: z.nullable(
    z.object({
      role: z.enum(['bridge', 'node', 'none']),
      pins: z.nullable(z.tuple([text, text])),
      bitrateBps: z.nullable(z.int()),
    }),
  ),
  clockHz: z.nullable(z.int()),
  crystalHz: z.nullable(z.int()),
  truncation: z.nullable(text),
  size: z.int().check(z.nonnegative()),
  /** The image, as an object in the cache. */
  sha256: sha256Schema,
});

type StoredInfo = Plain<z.infer<typeof storedInfo>>;

export const recordedRecipeSchema = z.object({
  mcu: text,
  crystalHz: z.int(),
  applicationOffset: z.int(),
  // Records of earlier versions are of bridges.
  role: z._default(z.enum(boardRoles), 'bridge'),
  canPins: z.nullable(z.tuple([text, text])),
  bitrateBps: z.int(),
  extra: z.object({ katapult: symbols, klipper: symbols }),
});

const recordedSource = {
  location: text,
  commit: z.nullable(text),
  treeId: text,
  version: text,
  dirty: z.boolean(),
};

export const recordedSourceSchema = z.object(recordedSource);

/**
 * An image of the cache with everything known about its origin. `config` and `log` are objects of the cache, by their
 * SHA-256.
 */
export const imageRecordSchema = z.object({
  format: z.literal(1),
  key: sha256Schema,
  origin: z.enum(['built', 'imported']),
  info: storedInfo,
  /** The preset that the image was requested for, if any. */
  presetId: z.nullable(text),
  /** Null for imported images. */
  build: z.nullable(
    z.object({
      target: z.enum(firmwareTargets),
      recipe: recordedRecipeSchema,
      source: z.object({ ref: z.nullable(text), ...recordedSource }),
      toolchain: z.object({
        identity: text,
        tools: z.array(z.object({ name: text, path: text, version: text })).check(z.maxLength(20)),
      }),
      config: sha256Schema,
      log: sha256Schema,
      /** The machine's name for a person, and the computer that this station ran on. */
      machine: text,
      host: text,
      station: text,
      durationMs: z.int(),
      /**
       * The original order, to build the same again: the source as `parseFirmwareSource` reads it, and the machine as
       * `BuildRequest.on` names it. Records of earlier versions have none.
       */
      order: z.optional(z.object({ source: text, on: text })),
    }),
  ),
  /** The file or bundle that it was imported from; null if it was built here. */
  importedFrom: z.nullable(text),
  /** ISO 8601, UTC. */
  createdAt: z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)),
});

export type ImageRecord = Plain<z.infer<typeof imageRecordSchema>>;

/** An image of the cache as it is listed. */
export const listedImageSchema = z.object({
  record: imageRecordSchema,
  /** Never removed automatically, because a person pinned it. */
  pinned: z.boolean(),
  /** Never removed automatically, because it was written to a board. */
  held: z.boolean(),
  /** ISO 8601, UTC. */
  lastUsedAt: z.string(),
});

export type ListedImage = Plain<z.infer<typeof listedImageSchema>>;

/** The part of an inspected image that is kept in its record: everything except Klipper's dictionary. */
export function storedInfoOf(info: ImageInfo): StoredInfo {
  const { dictionary: _dictionary, can, ...told } = info;
  return { ...told, can: can === null ? null : { ...can, pins: can.pins === null ? null : [...can.pins] } };
}
