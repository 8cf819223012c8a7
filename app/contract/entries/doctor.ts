import * as z from 'zod/mini';
import { hostCheckSchema } from '../../doctor/host-check.ts';
import { call } from '../define.ts';

export const doctorEntries = {
  /** Looks at the computer that the station runs on; nothing is changed. */
  'doctor.run': call({ input: z.null(), output: z.array(hostCheckSchema) }),
};
