import * as z from 'zod/mini';
import { call, stream } from '../define.ts';

const updatePhases = ['off', 'idle', 'checking', 'waiting', 'downloading', 'ready', 'failed'] as const;

export const updateEntries = {
  /**
   * Newer versions of the program, as it is, then as it changes. `unavailable`: this host or package has none.
   * `waiting`: there is one, and it is fetched when no work runs.
   */
  'updates.watch': stream({
    input: z.null(),
    event: z.object({
      phase: z.enum(['unavailable', ...updatePhases]),
      version: z.nullable(z.string()),
      /** Of the download. */
      percent: z.nullable(z.int()),
      message: z.nullable(z.string()),
    }),
  }),
  /** Looks now; does nothing where updates are off or not to be had. */
  'updates.check': call({ input: z.null(), output: z.null() }),
  /** Ends the program, puts the new version in its place and starts it. Rejects with `host/work-running`. */
  'updates.install': call({ input: z.null(), output: z.null() }),
};
