import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import type { Clock } from '../transport/clock.ts';
import type { CanInterface } from './can-interface.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';
import type { PiHost } from './pi-host.ts';
import type { PiGoal } from './plan-types.ts';
import type { ConfirmedIdle } from './printer-ref.ts';

export const proofNames = ['interface', 'return', 'klipper', 'nodes'] as const;

export type ProofName = (typeof proofNames)[number];

export const proofEventSchema = z.object({
  type: z.literal('pi-proof'),
  proof: z.enum(proofNames),
  outcome: z.enum(['started', 'proven', 'failed', 'skipped']),
  /** What was seen, with the figures; for `started`, what the proof waits for. */
  seen: z.string(),
});

export type ProofEvent = Plain<z.infer<typeof proofEventSchema>>;

/**
 * How the bridge is reset: through Klipper, by removing its USB device from the kernel for a moment (root), by a person
 * who unplugs it, or not at all. `auto` takes the first that can work.
 */
export const bridgeResets = ['auto', 'klipper', 'usb', 'person', 'none'] as const;

export interface ProveOptions {
  readonly goal: PiGoal;
  readonly clock: Clock;
  readonly reset: (typeof bridgeResets)[number];
  readonly askPassword: (attempt: number) => Promise<string | null>;
  readonly confirmedIdle: ConfirmedIdle;
  readonly signal?: AbortSignal | undefined;
  /** Time-out of each proof; default one minute. */
  readonly timeoutMs?: number;
}

export interface ProveReport {
  readonly proofs: readonly ProofEvent[];
}

export type ProveRun = AsyncGenerator<ProofEvent, ProveReport, void>;

export interface ProofContext {
  readonly host: PiHost;
  readonly facts: PiFacts;
  /** The printer of the goal; all of the Pi's if the goal has none. */
  readonly printers: readonly PrinterFacts[];
  readonly options: ProveOptions;
  readonly timeoutMs: number;
}

export interface ProofResult {
  readonly outcome: 'proven' | 'skipped';
  readonly seen: string;
}

export function skipped(seen: string): Promise<ProofResult> {
  return Promise.resolve({ outcome: 'skipped', seen });
}

export function describeInterface(found: CanInterface): string {
  const { name, up, bitrateBps, txQueueLength, state } = found;
  const rate = bitrateBps === null ? 'no bit rate' : `${bitrateBps} bit/s`;
  return `${name} is ${up ? 'up' : 'down'}, ${rate}, queue length ${txQueueLength}${state === null ? '' : `, ${state}`}`;
}
