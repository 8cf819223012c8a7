import * as z from 'zod/mini';
import { knownPresetSchema } from '../../boards/preset-schema.ts';
import { maxPresetBytes } from '../../boards/user-preset.ts';
import { call } from '../define.ts';

const presetId = z.string().check(z.maxLength(100));

/** A variant of a preset. */
export const boardChoice = z.strictObject({
  presetId,
  variantId: z.string().check(z.maxLength(100)),
});

export const presetEntries = {
  /** All boards: those that Canopus comes with, and those that were added (`isUsers`). */
  'presets.list': call({ input: z.null(), output: z.array(knownPresetSchema) }),
  /** Adds a board. Throws `preset/invalid`, `preset/taken`, `file/…`. */
  'presets.add': call({
    input: z.strictObject({
      /** For messages. */
      name: z.string().check(z.maxLength(300)),
      text: z.string().check(z.maxLength(maxPresetBytes + 1)),
      /** In the place of a board of the same id that was added before. */
      replace: z._default(z.boolean(), false),
    }),
    output: knownPresetSchema,
  }),
  /** Removes a board that was added. Throws `preset/unknown`, `preset/built-in`. */
  'presets.remove': call({ input: z.strictObject({ id: presetId }), output: z.null() }),
  /** A board as a file to share. Throws `preset/unknown`. */
  'presets.export': call({
    input: z.strictObject({ id: presetId }),
    output: z.object({ fileName: z.string(), text: z.string() }),
  }),
  /** The files in the folder of added boards that cannot be used, and why. */
  'presets.refused': call({
    input: z.null(),
    output: z.object({
      folder: z.string(),
      files: z.array(z.object({ file: z.string(), message: z.string() })),
    }),
  }),
};
