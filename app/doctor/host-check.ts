import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';

const hostVerdicts = ['fine', 'look', 'wrong', 'unknown'] as const;

/** One question about this computer with its answer. */
export const hostCheckSchema = z.object({
  id: z.string(),
  question: z.string(),
  /** `look`: works, but somebody should know. `unknown`: could not be found out, or shows only later. */
  verdict: z.enum(hostVerdicts),
  answer: z.string(),
  /** What it matters for. */
  why: z.string(),
  fix: z.nullable(
    z.object({
      text: z.string(),
      /** To be copied into a terminal as it is; null where it is done by hand. */
      command: z.nullable(z.string()),
    }),
  ),
});

export type HostCheck = Plain<z.infer<typeof hostCheckSchema>>;
