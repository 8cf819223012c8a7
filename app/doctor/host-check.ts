import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { verdicts } from '../verdict.ts';

/** One question about this computer with its answer. */
export const hostCheckSchema = z.object({
  id: z.string(),
  question: z.string(),
  verdict: z.enum(verdicts),
  answer: z.string(),
  /** What depends on it. */
  why: z.string(),
  fix: z.nullable(
    z.object({
      text: z.string(),
      /** A command for a terminal; null if it is done by hand. */
      command: z.nullable(z.string()),
    }),
  ),
});

export type HostCheck = Plain<z.infer<typeof hostCheckSchema>>;
