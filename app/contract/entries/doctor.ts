import * as z from 'zod/mini';
import { hostVerdicts, type HostCheck } from '../../doctor/host-check.ts';
import { call, describes } from '../define.ts';

const hostCheck = describes<HostCheck>()(
  z.object({
    id: z.string(),
    question: z.string(),
    verdict: z.enum(hostVerdicts),
    answer: z.string(),
    why: z.string(),
    fix: z.nullable(z.object({ text: z.string(), command: z.nullable(z.string()) })),
  }),
);

export const doctorEntries = {
  /** Looks at the computer that the station runs on; nothing is changed. */
  'doctor.run': call({ input: z.null(), output: z.array(hostCheck) }),
};
