import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { changeIdSchema } from './journal.ts';

/** `already`: it was as the step leaves it. A plan that is taken up again does not do things twice. */
export const stepOutcomes = ['done', 'already'] as const;
export type StepOutcome = (typeof stepOutcomes)[number];

/** What an apply or an undo does, as it does it. Steps count from 0. */
export const changeEventSchemas = [
  /** The journal is on the Pi; only now anything is changed. */
  z.object({ type: z.literal('pi-journal'), id: changeIdSchema, steps: z.int() }),
  z.object({
    type: z.literal('pi-step'),
    index: z.int(),
    steps: z.int(),
    what: z.string(),
    reason: z.string(),
    outcome: z.enum(['started', ...stepOutcomes]),
  }),
] as const;

export type ChangeEvent = Plain<z.infer<(typeof changeEventSchemas)[number]>>;
