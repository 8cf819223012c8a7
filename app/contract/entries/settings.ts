import * as z from 'zod/mini';
import { settingsSchema } from '../../settings/settings.ts';
import { call, stream } from '../define.ts';

export const settingsEntries = {
  'settings.get': call({ input: z.null(), output: settingsSchema }),
  /** Changes the fields that are given and answers all; rejects with `file/…` where they cannot be kept. */
  'settings.set': call({ input: z.partial(settingsSchema), output: settingsSchema }),
  /** As they are, then as they become. */
  'settings.watch': stream({ input: z.null(), event: settingsSchema }),
};
