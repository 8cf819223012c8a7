import type { PiFacts } from './facts.ts';
import type { PrinterSeen } from './printers-seen.ts';

/** What a look at a Pi shows. */
export interface LookedAt {
  readonly facts: PiFacts;
  readonly printers: readonly PrinterSeen[];
}
