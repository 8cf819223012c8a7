import * as z from 'zod/mini';
import { settingsSchema } from '../../settings/settings.ts';
import { call, stream } from '../define.ts';

export const settingsEntries = {
  'settings.get': call({ input: z.null(), output: settingsSchema }),
  /** Changes the given fields and returns all; throws `file/…` if they cannot be saved. */
  'settings.set': call({ input: z.partial(settingsSchema), output: settingsSchema }),
  /** Now, then after each change. */
  'settings.watch': stream({ input: z.null(), event: settingsSchema }),
};
