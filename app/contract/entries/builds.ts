import * as z from 'zod/mini';
import { call } from '../define.ts';
import { jobId } from './jobs.ts';
import { boardChoice } from './presets.ts';

/** As `parseFirmwareSource` reads it: a folder, `URL@REF` or `pi:USER@HOST`. */
const source = z.string().check(z.minLength(1), z.maxLength(1000));

const tool = z.object({ name: z.string(), path: z.string(), version: z.string() });

export const buildEntries = {
  /** Builds Katapult and Klipper for a board. Rejects with `recipe/…`, `source/invalid` and `preset/unknown`. */
  'builds.start': call({
    input: z.strictObject({
      board: boardChoice,
      katapult: source,
      klipper: source,
      bitrateBps: z.nullable(z.int()),
      canPins: z.nullable(z.tuple([z.string(), z.string()])),
      /** `local`, `wsl` or `pi:USER@HOST`. */
      on: z.string().check(z.maxLength(300)),
      /** What the preset does not bear out was confirmed by a person. */
      confirmed: z.boolean(),
    }),
    output: z.object({ jobId }),
  }),
  /** What there is to build with on this computer. */
  'builds.toolchain': call({
    input: z.null(),
    output: z.object({
      tools: z.array(tool),
      missing: z.array(z.string()),
      /** How to get what is missing, for this system. */
      advice: z.nullable(z.string()),
    }),
  }),
};
