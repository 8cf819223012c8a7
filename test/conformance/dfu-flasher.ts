import { afterEach, beforeEach, describe } from 'vitest';
import type { DfuBench, DfuBenchOptions, DfuBoards } from './dfu-bench.ts';
import { flashAddress, formerContents } from './dfu-bench.ts';
import { cancelling } from './dfu-flasher-cancel.ts';
import { faults } from './dfu-flasher-faults.ts';
import { goodRuns } from './dfu-flasher-runs.ts';
import { foundStates } from './dfu-flasher-states.ts';

export interface DfuSuiteOptions {
  /** Strikes at every n-th place only, where each run takes real time. Default 1: at every place. */
  readonly stride?: number;
  /**
   * Whether to wait out a device that never replies, which takes most of a minute of the bench's time. Default true.
   */
  readonly waits?: boolean;
  /** Default: all of them. */
  readonly parts?: readonly DfuSuitePart[];
}

const allParts = { goodRuns, foundStates, faults, cancelling };
export type DfuSuitePart = keyof typeof allParts;

/**
 * What the DFU flasher promises, on whatever stands behind UsbLink. `makeBench` gives a fresh chip in ROM DFU for each
 * board that a test needs.
 */
export function dfuFlasherSuite(
  name: string,
  makeBench: (options: DfuBenchOptions) => DfuBench | Promise<DfuBench>,
  {
    stride = 1,
    waits = true,
    parts = ['goodRuns', 'foundStates', 'faults', 'cancelling'],
  }: DfuSuiteOptions = {},
): void {
  describe(`DFU flasher on ${name}`, () => {
    let open: DfuBench[] = [];
    beforeEach(() => {
      open = [];
    });
    afterEach(async () => {
      for (const bench of open) await bench.close?.();
    });

    async function fresh(options: DfuBenchOptions = { chip: 'F446' }): Promise<DfuBench> {
      const bench = await makeBench(options);
      open.push(bench);
      return bench;
    }

    const boards: DfuBoards = {
      fresh,
      justReset: async () => {
        const bench = await fresh();
        await bench.injectFault({ kind: 'first-status-error' });
        await bench.enterDfu();
        return bench;
      },
      used: async (options) => {
        const bench = await fresh(options);
        const before = formerContents(bench.flashBytes);
        await bench.loadFlash(flashAddress, before);
        return { bench, before };
      },
      stride,
      waits,
    };
    for (const part of parts) allParts[part](boards);
  });
}
