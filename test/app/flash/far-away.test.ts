import { describe, expect, it } from 'vitest';
import { followRun } from '../../../app/flash/follow-run.ts';
import { flashWithKatapult } from '../../../app/flash/katapult-flasher.ts';
import { installWithDfu } from '../../../app/flash/dfu-install.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { dfuFlasherSuite } from '../../conformance/dfu-flasher.ts';
import { katapultFlasherConformance } from '../../conformance/katapult-flasher.ts';
import { FarByteLink, FarUsbLink } from '../../conformance/far-links.ts';
import { virtualDfuBench } from './dfu-virtual-bench.ts';
import { katapultSimBench } from './katapult-sim-bench.ts';

const roundTripMs = 20;

/** As long as a Klipper bridge. */
const klipper = Uint8Array.from({ length: 46_728 }, (_, index) => (index * 13 + (index >> 6)) & 0xff);

async function katapultMs(tripMs: number, before: Uint8Array | null): Promise<number> {
  const bench = await katapultSimBench();
  try {
    if (before !== null) await bench.loadFlash(0x08008000, before);
    const near = await bench.open();
    const link = tripMs === 0 ? near : new FarByteLink(near, bench.clock, tripMs);
    const startMs = bench.clock.nowMs();
    const options = { clock: bench.clock, expectedMcu: null, applicationAddress: null };
    const report = await followRun(flashWithKatapult(link, klipper, options), () => undefined);
    expect(report.bytesVerified).toBeGreaterThanOrEqual(klipper.length);
    return bench.clock.nowMs() - startMs;
  } finally {
    await bench.close?.();
  }
}

async function dfuMs(tripMs: number, backsUp: boolean): Promise<number> {
  const bench = await virtualDfuBench({ chip: 'F446' });
  try {
    const near = await bench.open();
    const link = tripMs === 0 ? near : new FarUsbLink(near, bench.clock, tripMs);
    const startMs = bench.clock.nowMs();
    const bytes: Uint8Array[] = [];
    const backup = {
      begin: () => Promise.resolve(),
      write: (piece: Uint8Array) => Promise.resolve(void bytes.push(piece)),
      complete: () => Promise.resolve(),
    };
    const run = installWithDfu(link, makeKatapultImage(), {
      ...{ clock: bench.clock, applicationAddress: 0x08008000, checkTarget: () => [] },
      ...(backsUp ? { backup } : {}),
    });
    await followRun(run, () => undefined);
    if (backsUp) expect(Buffer.concat(bytes).length).toBe(bench.flashBytes);
    return bench.clock.nowMs() - startMs;
  } finally {
    await bench.close?.();
  }
}

describe('a board behind a round trip of 20 ms', () => {
  it('that has an application takes at most half as long again through Katapult', async () => {
    const before = new Uint8Array(46_000).fill(1);
    expect(await katapultMs(roundTripMs, before)).toBeLessThan(1.5 * (await katapultMs(0, before)));
  });

  it('that is blank, and so written in a quarter of a second, takes nine round trips more, not 1500', async () => {
    expect(await katapultMs(roundTripMs, null)).toBeLessThan((await katapultMs(0, null)) + 9 * roundTripMs);
  });

  it.each([false, true])('takes at most half as long again through ROM DFU (backup: %s)', async (backsUp) => {
    expect(await dfuMs(roundTripMs, backsUp)).toBeLessThan(1.5 * (await dfuMs(0, backsUp)));
  });
});

// Lists of requests change how often something crosses the connection, and nothing else.
katapultFlasherConformance('a virtual board behind a round trip', async () => {
  const bench = await katapultSimBench();
  return { ...bench, open: async () => new FarByteLink(await bench.open(), bench.clock, roundTripMs) };
});
dfuFlasherSuite('a virtual board behind a round trip', async (options) => {
  const bench = await virtualDfuBench(options);
  return { ...bench, open: async () => new FarUsbLink(await bench.open(), bench.clock, roundTripMs) };
});
