import type { Toolchain } from '../../app/build/toolchain.ts';
import type { BuildSite } from './build-machines.ts';
import { probeToolchain } from './toolchain-probe.ts';

/** How long the result of a check of a machine's tools counts for finding images, and for building them. */
const countsForMs = { finding: 10 * 60_000, building: 20_000 } as const;

/** The tools for building on each machine; a recent result counts. */
export class KnownToolchains {
  readonly #looks = new Map<string, { readonly at: number; readonly probe: Promise<Toolchain> }>();

  /** Throws what `probeToolchain` throws; a failed look does not count. */
  async of(
    { machine: { id, shell } }: BuildSite,
    signal?: AbortSignal,
    purpose: keyof typeof countsForMs = 'finding',
  ): Promise<Toolchain> {
    const known = this.#looks.get(id);
    if (known && performance.now() - known.at < countsForMs[purpose]) return known.probe;
    const probe = probeToolchain(shell, signal);
    this.#looks.set(id, { at: performance.now(), probe });
    try {
      return await probe;
    } catch (error) {
      this.#looks.delete(id);
      throw error;
    }
  }
}
