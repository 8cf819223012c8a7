import { afterAll, beforeAll } from 'vitest';
import { dfuFlasherSuite } from '../conformance/dfu-flasher.ts';
import { guestDfuBench } from './flasher-benches.ts';
import { GuestBench } from './guest-bench.ts';
import { guestOfThisRun } from './this-run.ts';

let guestBench: GuestBench;
beforeAll(async () => {
  guestBench = await GuestBench.open(await guestOfThisRun(), { boards: [] }, 0.1);
});
afterAll(() => guestBench[Symbol.asyncDispose]());

dfuFlasherSuite('libusb on Linux', (options) => guestDfuBench(guestBench, options), {
  parts: ['goodRuns', 'foundStates'],
  waits: false,
  stride: 5,
});
