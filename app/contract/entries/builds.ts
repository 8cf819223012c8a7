import * as z from 'zod/mini';
import { toolNames } from '../../build/toolchain.ts';
import { boardRoles } from '../../boards/board-role.ts';
import { imageParts } from '../../image/image-parts.ts';
import { call } from '../define.ts';
import { jobId } from './jobs.ts';
import { boardChoice } from './presets.ts';

/** As `parseFirmwareSource` reads it: a folder, `URL@REF` or `pi:USER@HOST`. */
const source = z.string().check(z.minLength(1), z.maxLength(1000));

/** Values as kconfig writes them; `makeRecipe` checks them. */
const symbols = z
  .record(z.string().check(z.maxLength(100)), z.string().check(z.maxLength(400)))
  .check(z.refine((all) => Object.keys(all).length <= 50));

const tool = z.object({ name: z.enum(toolNames), path: z.string(), version: z.string() });

export const buildEntries = {
  /** Builds Katapult and Klipper for a board, or one of them. Throws `recipe/…`, `source/invalid` and `preset/unknown`. */
  'builds.start': call({
    input: z.strictObject({
      board: boardChoice,
      /** Null: what the Pi runs if the build is there, otherwise the newest official one. */
      katapult: z.nullable(source),
      klipper: z.nullable(source),
      parts: z._default(z.array(z.enum(imageParts)).check(z.minLength(1)), [...imageParts]),
      /** What the board becomes on the bus; null: what its preset says first. */
      role: z._default(z.nullable(z.enum(boardRoles)), null),
      /** Null: from the settings. */
      bitrateBps: z.nullable(z.int()),
      canPins: z.nullable(z.tuple([z.string(), z.string()])),
      /** Null: from the preset. */
      crystalHz: z.nullable(z.int()),
      applicationOffset: z.nullable(z.int()),
      /** Extra kconfig symbols. */
      extra: z.strictObject({ katapult: symbols, klipper: symbols }),
      /** `local`, `wsl` or `pi:USER@HOST`. */
      on: z.string().check(z.maxLength(300)),
      /** A person has confirmed the contradictions to the preset. */
      confirmed: z.boolean(),
      /** Build even if the Pi's printer is printing. */
      whilePrinting: z.boolean(),
    }),
    output: z.object({ jobId }),
  }),
  /** The build tools on a machine; null: on this computer, on Windows in its WSL. */
  'builds.toolchain': call({
    input: z.strictObject({ on: z.nullable(z.string().check(z.maxLength(300))) }),
    output: z.object({
      /** The name of the machine. */
      machine: z.string(),
      tools: z.array(tool),
      missing: z.array(z.enum(toolNames)),
      system: z.string(),
      distribution: z.array(z.string()),
      cores: z.int(),
      identity: z.string(),
      /** How to install what is missing, for this system. */
      advice: z.nullable(z.string()),
    }),
  }),
};
