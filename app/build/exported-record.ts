import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { sha256Schema } from '../units.ts';
import { recordedRecipeSchema, recordedSourceSchema, type ImageRecord } from './image-record.ts';
import { firmwareTargets } from './recipe.ts';

const text = z.string().check(z.maxLength(4_000));

/**
 * Where an image comes from, for others to check: enough to build it again, and what has to come out. Without names of
 * computers, people and folders.
 */
export const exportedRecordSchema = z.object({
  format: z.literal('canopus-image-record-1'),
  image: z.object({ sha256: sha256Schema, size: z.int().check(z.nonnegative()), version: z.nullable(text) }),
  target: z.enum(firmwareTargets),
  recipe: recordedRecipeSchema,
  source: recordedSourceSchema,
  /** The whole resolved configuration, as `.config`. */
  configuration: z.string().check(z.maxLength(200_000)),
  toolchain: z.object({
    identity: text,
    tools: z.array(z.object({ name: text, version: text })).check(z.maxLength(20)),
  }),
  /** The version of Canopus. */
  station: text,
  builtAt: text,
});

export type ExportedRecord = Plain<z.infer<typeof exportedRecordSchema>>;

/** The record of an image with its configuration; null for an image that was not built. */
export function exportRecord(
  { build, info, createdAt }: ImageRecord,
  configuration: string,
): ExportedRecord | null {
  if (build === null) return null;
  const { location, commit, treeId, version, dirty } = build.source;
  return {
    format: 'canopus-image-record-1',
    image: { sha256: info.sha256, size: info.size, version: info.version },
    target: build.target,
    recipe: build.recipe,
    // A folder or a Pi means nothing to others; the commit says which sources they were.
    source: { location: isPublic(location) ? location : '', commit, treeId, version, dirty },
    configuration,
    toolchain: {
      identity: build.toolchain.identity,
      tools: build.toolchain.tools.map(({ name, version: found }) => ({ name, version: found })),
    },
    station: build.station,
    builtAt: createdAt,
  };
}

function isPublic(location: string): boolean {
  return /^https:\/\/[^@]*$/.test(location);
}
