import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import { verdicts } from '../verdict.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';
import { somePiWishesSchema, type PiWishes, type SomePiWishes } from './plan-types.ts';
import type { McuVersion, PrinterAnswer } from './printer-status.ts';
import { rebuildSchema, type RecordedBoard } from './recorded-board.ts';

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
  /** The interface can be brought up now, this once. */
  canBringUp: z.optional(z.boolean()),
  /** Boards that can be built for another bit rate, each by itself. */
  rebuilds: z.optional(z.array(rebuildSchema)),
  fix: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('none') }),
    z.object({ kind: z.literal('plan'), wishes: somePiWishesSchema }),
    z.object({ kind: z.literal('hands'), text: z.string() }),
  ]),
});

export type Check = Plain<z.infer<typeof piCheckSchema>>;

export interface ExaminedPrinter {
  readonly printer: PrinterFacts;
  readonly answer: PrinterAnswer;
  readonly mcus: readonly McuVersion[];
}

export interface Examination {
  readonly facts: PiFacts;
  /** Those that the doctor is asked about: the chosen one, or else all. */
  readonly printers: readonly ExaminedPrinter[];
  readonly wishes: PiWishes;
  /** What the station wrote to these boards, as far as it has a record. */
  readonly records?: readonly RecordedBoard[];
}

export const none = { kind: 'none' } as const;
export const plan = { kind: 'plan', wishes: {} } as const;
export const planWith = (wishes: SomePiWishes) => ({ kind: 'plan', wishes }) as const;
export const hands = (text: string) => ({ kind: 'hands', text }) as const;

const worstFirst = ['wrong', 'look', 'unknown', 'fine'] as const;

/** The answers for every printer as one: each by its name, with the verdict and the fix of the worst. */
export function together(
  printers: readonly ExaminedPrinter[],
  absent: Check,
  check: (each: ExaminedPrinter) => Check,
): Check {
  const [first, ...others] = printers;
  if (first === undefined) return absent;
  if (others.length === 0) return check(first);
  const all = printers.map((each) => ({ name: each.printer.name, ...check(each) }));
  const [worst] = all.toSorted((a, b) => worstFirst.indexOf(a.verdict) - worstFirst.indexOf(b.verdict));
  const { name, ...shown } = worst ?? { ...absent, name: '' };
  const answer = all.map((each) => `${each.name}: ${each.answer}`).join(' ');
  const { fix } = shown;
  if (fix.kind === 'none') return { ...shown, answer };
  return {
    ...shown,
    answer,
    fix: fix.kind === 'plan' ? planWith({ ...fix.wishes, printer: name }) : hands(`${name}: ${fix.text}`),
  };
}
