import { describe, expect, it } from 'vitest';
import { followRun } from '../../../app/flash/follow-run.ts';
import { flashWithKatapult } from '../../../app/flash/katapult-flasher.ts';
import { katapultSimBench } from './katapult-sim-bench.ts';

/** As long as a Klipper bridge. */
const image = Uint8Array.from({ length: 46_728 }, (_, index) => (index * 13 + (index >> 6)) & 0xff);

/** 32 bits in 16 us (F4 data sheets, "Flash memory programming"). */
const programmingMs = (731 * 64 * 16) / 4 / 1000;

/** How long a host that loses no time takes for writing and reading back, on a board with datasheet durations. */
async function takesMs(before: Uint8Array | null): Promise<number> {
  const bench = await katapultSimBench();
  try {
    if (before !== null) await bench.loadFlash(0x08008000, before);
    const link = await bench.open();
    const startMs = bench.clock.nowMs();
    const options = { clock: bench.clock, expectedMcu: null, applicationAddress: null };
    await followRun(flashWithKatapult(link, image, options), () => undefined);
    return bench.clock.nowMs() - startMs;
  } finally {
    await bench.close?.();
  }
}

describe('writing and reading back 46 KB', () => {
  it('keeps the flash busy: no more than 70 ms on top of programming a blank board', async () => {
    expect(await takesMs(null)).toBeLessThan(programmingMs + 70);
  });

  it('costs no more than the erases on a board that has an application', async () => {
    // Sectors of 16, 16 and 64 KiB.
    expect(await takesMs(new Uint8Array(46_000).fill(1))).toBeLessThan(programmingMs + 250 + 250 + 550 + 70);
  });
});
