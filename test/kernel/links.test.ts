import { afterAll, beforeAll } from 'vitest';
import { GuestBench } from './guest-bench.ts';
import { linkConformance, linkedBoards } from './linked-boards.ts';
import { guestOfThisRun } from './this-run.ts';

let guestBench: GuestBench;
beforeAll(async () => {
  guestBench = await GuestBench.open(await guestOfThisRun(), linkedBoards);
});
afterAll(() => guestBench[Symbol.asyncDispose]());

linkConformance({ usb: 'libusb on Linux', bytes: 'cdc_acm on Linux' }, () => guestBench);
