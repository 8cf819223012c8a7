import * as z from 'zod/mini';
import { call, stream } from '../define.ts';

const updatePhases = ['off', 'idle', 'checking', 'waiting', 'downloading', 'ready', 'failed'] as const;

export const updateEntries = {
  /**
   * The state of newer versions: now, then after each change. `unavailable`: this host or package has no updates.
   * `waiting`: there is one, and it is downloaded when no work is running. `failed`: also if what the server offers is
   * not genuine, out of date or damaged.
   */
  'updates.watch': stream({
    input: z.null(),
    event: z.object({
      phase: z.enum(['unavailable', ...updatePhases]),
      version: z.nullable(z.string()),
      /** Of the download. */
      percent: z.nullable(z.int()),
      message: z.nullable(z.string()),
      /** Of a version that is ready: `restart` with it, or `open` its installer. */
      way: z.nullable(z.enum(['restart', 'open'])),
    }),
  }),
  /** Checks now; does nothing if updates are off or unavailable. */
  'updates.check': call({ input: z.null(), output: z.null() }),
  /** Ends the program and starts the new version, or opens its installer. Throws `host/work-running` or `update/…`. */
  'updates.install': call({ input: z.null(), output: z.null() }),
};
