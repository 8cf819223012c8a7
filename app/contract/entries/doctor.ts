import * as z from 'zod/mini';
import { hostCheckSchema } from '../../doctor/host-check.ts';
import { call } from '../define.ts';

export const doctorEntries = {
  /** Looks at the computer that the station runs on; nothing is changed. */
  'doctor.run': call({
    /** Where the findings are read: what to do names buttons, or commands. */
    input: z.strictObject({ surface: z.enum(['window', 'terminal']) }),
    output: z.array(hostCheckSchema),
  }),
};
