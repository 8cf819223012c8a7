import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { verdicts } from '../verdict.ts';
import type { PiFacts } from './facts.ts';
import { somePiWishesSchema, type PiWishes, type SomePiWishes } from './plan-types.ts';
import type { McuVersion, PrinterAnswer } from './printer-status.ts';

/**
 * One question about a Pi with its answer. A `fix` is either a plan, made with these wishes over the other ones, or
 * something to do by hand.
 */
export const piCheckSchema = z.object({
  id: z.string(),
  question: z.string(),
  verdict: z.enum(verdicts),
  answer: z.string(),
  why: z.string(),
  fix: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('plan'), wishes: somePiWishesSchema }),
    z.object({ kind: z.literal('hands'), text: z.string() }),
  ]),
});

export type Check = Plain<z.infer<typeof piCheckSchema>>;

export interface Examination {
  readonly facts: PiFacts;
  readonly printer: PrinterAnswer;
  readonly mcus: readonly McuVersion[];
  readonly wishes: PiWishes;
}

export const none = { kind: 'none' } as const;
export const plan = { kind: 'plan', wishes: {} } as const;
export const planWith = (wishes: SomePiWishes) => ({ kind: 'plan', wishes }) as const;
export const hands = (text: string) => ({ kind: 'hands', text }) as const;
