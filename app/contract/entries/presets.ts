import * as z from 'zod/mini';
import { presetSchema } from '../../boards/preset-schema.ts';
import { call } from '../define.ts';

/** A variant of a preset. */
export const boardChoice = z.strictObject({
  presetId: z.string().check(z.maxLength(100)),
  variantId: z.string().check(z.maxLength(100)),
});

export const presetEntries = {
  'presets.list': call({ input: z.null(), output: z.array(presetSchema) }),
};
