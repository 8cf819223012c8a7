import type { PiFacts } from './facts.ts';
import type { PiWishes, SomePiWishes } from './plan-types.ts';
import type { McuVersion, PrinterAnswer } from './printer-status.ts';

export type Verdict = 'fine' | 'look' | 'wrong' | 'unknown';

/**
 * One question about a Pi with its answer. A `fix` is a plan, made with these wishes over what else is wished, or what
 * only hands can do.
 */
export interface Check {
  readonly id: string;
  readonly question: string;
  readonly verdict: Verdict;
  readonly answer: string;
  readonly why: string;
  readonly fix:
    | { readonly kind: 'none' }
    | { readonly kind: 'plan'; readonly wishes: SomePiWishes }
    | { readonly kind: 'hands'; readonly text: string };
}

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
