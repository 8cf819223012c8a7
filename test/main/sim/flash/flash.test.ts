import { describe, expect, it } from 'vitest';
import { FlashController } from '../../../../main/sim/flash/flash-controller.ts';
import { Flash } from '../../../../main/sim/flash/flash.ts';
import { Timeline } from '../../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';

const start = 0x08000000;

describe('Flash', () => {
  it.each([
    [512, [16, 16, 16, 16, 64, 128, 128, 128]],
    [1024, [16, 16, 16, 16, 64, 128, 128, 128, 128, 128, 128, 128]],
  ])('has the sectors of a part with %i KiB', (flashKiB, sizes) => {
    expect(new Flash(flashKiB).sectors.map((sector) => sector.size / 1024)).toEqual(sizes);
  });

  it('has two banks of the same sectors with 2048 KiB', () => {
    const { sectors } = new Flash(2048);
    expect(sectors).toHaveLength(24);
    expect(sectors[12]).toEqual({ address: 0x08100000, size: 16 * 1024 });
  });

  it('only turns ones into zeros when it programs', () => {
    const flash = new Flash(512);
    flash.program(start, Uint8Array.of(0xf0));
    flash.program(start, Uint8Array.of(0x3c));
    expect(flash.read(start, 2)).toEqual(Uint8Array.of(0x30, 0xff));
  });

  it('erases one sector and counts it', () => {
    const flash = new Flash(512);
    flash.program(start + 16 * 1024 - 1, Uint8Array.of(1, 2));
    flash.erase(0);
    expect(flash.read(start + 16 * 1024 - 1, 2)).toEqual(Uint8Array.of(0xff, 2));
    expect(flash.eraseCounts.slice(0, 2)).toEqual([1, 0]);
  });

  it('keeps a bit that cannot be programmed and one that cannot be erased', () => {
    const flash = new Flash(512);
    flash.stuckBits.push(
      { address: start, bit: 0, sticksAt: 1 },
      { address: start + 1, bit: 7, sticksAt: 0 },
    );
    flash.program(start, Uint8Array.of(0, 0));
    expect(flash.read(start, 2)).toEqual(Uint8Array.of(1, 0));
    flash.erase(0);
    expect(flash.read(start, 2)).toEqual(Uint8Array.of(0xff, 0x7f));
  });

  it('refuses addresses outside', () => {
    const flash = new Flash(512);
    expect(() => flash.read(start + 512 * 1024 - 1, 2)).toThrow(RangeError);
    expect(() => flash.program(start - 1, Uint8Array.of(0))).toThrow(RangeError);
  });
});

describe('FlashController', () => {
  const setUp = () => {
    const clock = new VirtualClock();
    const flash = new Flash(1024);
    return { clock, flash, controller: new FlashController(flash, clock, new Timeline(clock, 1)) };
  };

  it.each([
    [8, 400, 16_000, 32.768],
    [16, 300, 11_000, 16.384],
    [32, 250, 8_000, 8.192],
  ] as const)('takes the datasheet time at x%i', async (parallelism, sectorMs, massMs, programMs) => {
    const { clock, controller } = setUp();
    const { signal } = new AbortController();
    await controller.eraseSector(0, parallelism, signal);
    expect(clock.nowMs()).toBe(sectorMs);
    await controller.massErase(parallelism, signal);
    expect(clock.nowMs()).toBe(sectorMs + massMs);
    await controller.program(start, new Uint8Array(2048), parallelism, signal);
    expect(clock.nowMs()).toBeCloseTo(sectorMs + massMs + programMs, 6);
  });

  it('leaves a sector erased in part when power fails', async () => {
    const { clock, flash, controller } = setUp();
    flash.load(start, new Uint8Array(16 * 1024));
    const power = new AbortController();
    const erasing = controller.eraseSector(0, 32, power.signal);
    await clock.sleep(125);
    power.abort(new Error('power failed'));
    await expect(erasing).rejects.toThrow('power failed');
    expect(flash.read(start + 8 * 1024 - 1, 2)).toEqual(Uint8Array.of(0xff, 0));
  });

  it('takes no time at scale 0', async () => {
    const clock = new VirtualClock();
    const controller = new FlashController(new Flash(512), clock, new Timeline(clock, 0));
    await controller.massErase(8, new AbortController().signal);
    expect(clock.nowMs()).toBe(0);
  });
});
