import * as z from 'zod/mini';
import { call } from '../define.ts';

export const appEntries = {
  'app.info': call({
    input: z.null(),
    output: z.object({
      version: z.string(),
      /** `electron` or `headless`. */
      host: z.enum(['electron', 'headless']),
      platform: z.string(),
      /** What only some hosts can do. */
      features: z.array(z.enum(['choose-folder'])),
      /** True where the boards are virtual. */
      simulated: z.boolean(),
    }),
  }),
};
