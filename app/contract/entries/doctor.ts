import * as z from 'zod/mini';
import { hostCheckSchema } from '../../doctor/host-check.ts';
import { call } from '../define.ts';

export const doctorEntries = {
  /** Examines the station's computer and changes nothing. */
  'doctor.run': call({
    /** Where the findings are read: next steps name buttons, or commands. */
    input: z.strictObject({ surface: z.enum(['window', 'terminal']) }),
    output: z.array(hostCheckSchema),
  }),
};
