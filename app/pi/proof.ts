import type { Clock } from '../transport/clock.ts';
import type { CanInterface } from './can-interface.ts';
import type { PiFacts } from './facts.ts';
import type { PiHost } from './pi-host.ts';
import type { PiPlan } from './plan-types.ts';

export const proofNames = ['interface', 'return', 'klipper', 'nodes'] as const;

export type ProofName = (typeof proofNames)[number];

export type ProofEvent = {
  readonly type: 'pi-proof';
  readonly proof: ProofName;
  readonly outcome: 'started' | 'proven' | 'failed' | 'skipped';
  /** What was seen, with the figures; for `started`, what is being waited for. */
  readonly seen: string;
};

export interface ProveOptions {
  readonly goal: PiPlan['goal'];
  readonly clock: Clock;
  /**
   * How the bridge is reset: through Klipper, by taking its USB device away from the kernel for a moment (root), by a
   * person who unplugs it, or not at all. `auto` takes the first that can work.
   */
  readonly reset: 'auto' | 'klipper' | 'usb' | 'person' | 'none';
  readonly askPassword: (attempt: number) => Promise<string | null>;
  readonly confirmedIdle: boolean;
  readonly signal?: AbortSignal | undefined;
  /** How long each thing may take; a minute where not given. */
  readonly timeoutMs?: number;
}

export interface ProveReport {
  readonly proofs: readonly ProofEvent[];
}

export type ProveRun = AsyncGenerator<ProofEvent, ProveReport, void>;

export interface ProofContext {
  readonly host: PiHost;
  readonly facts: PiFacts;
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
