import { afterAll, beforeAll } from 'vitest';
import { katapultFlasherConformance } from '../conformance/katapult-flasher.ts';
import { guestKatapultBench } from './flasher-benches.ts';
import { GuestBench } from './guest-bench.ts';
import { guestOfThisRun } from './this-run.ts';

let guestBench: GuestBench;
beforeAll(async () => {
  guestBench = await GuestBench.open(await guestOfThisRun(), { boards: [] }, 0.1);
});
afterAll(() => guestBench[Symbol.asyncDispose]());

katapultFlasherConformance('cdc_acm on Linux', () => guestKatapultBench(guestBench), {
  faults: false,
  waits: false,
  stride: 3,
});
