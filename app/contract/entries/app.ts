import * as z from 'zod/mini';
import { commandLineSchema } from '../../command-line.ts';
import { systems } from '../../system.ts';
import { call } from '../define.ts';

export const appEntries = {
  'app.info': call({
    input: z.null(),
    output: z.object({
      version: z.string(),
      /** The program that runs the station: the desktop, `canopus serve`, or a command. */
      host: z.enum(['electron', 'headless', 'cli']),
      /** The system of the station's computer: next steps depend on it. */
      platform: z.enum(systems),
      /** What only some hosts can do. */
      features: z.array(z.enum(['choose-folder'])),
      /** True if the boards are virtual. */
      simulated: z.boolean(),
    }),
  }),
  /** What a person who asks for help needs to quote. */
  'app.about': call({
    input: z.null(),
    output: z.object({
      versions: z.object({
        canopus: z.string(),
        node: z.string(),
        electron: z.nullable(z.string()),
        chromium: z.nullable(z.string()),
      }),
      system: z.string(),
      /** On the station's computer. */
      folders: z.object({ data: z.string(), cache: z.string(), log: z.string() }),
    }),
  }),
  /** What a person attaches to a question: text files, without names, addresses and secrets. To be shown before it is saved. */
  'app.supportReport': call({
    input: z.null(),
    output: z.array(z.object({ name: z.string(), text: z.string() })),
  }),
  /**
   * What of others is in this program, by name, each with the text of its licence; null in a checkout that was not
   * built, whose packages have their own.
   */
  'app.licences': call({
    input: z.null(),
    output: z.nullable(
      z.array(z.object({ name: z.string(), version: z.string(), licence: z.string(), text: z.string() })),
    ),
  }),
  /** Whether terminals find `canopus`. */
  'app.commandLine': call({ input: z.null(), output: commandLineSchema }),
  /** Puts it where they do, or takes it away; does nothing where `app.commandLine` says that it cannot. Throws `file/…`. */
  'app.setCommandLine': call({
    input: z.strictObject({ isInstalled: z.boolean() }),
    output: commandLineSchema,
  }),
};
