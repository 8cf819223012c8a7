import { describe, expect, it } from 'vitest';
import { flashSizesKiB, maxFlashKiB, mcuFacts, mcuNames } from '../../../app/mcu/mcu.ts';

describe('the table of MCUs', () => {
  it('has the sizes in which each is sold', () => {
    expect(mcuNames.map((mcu) => flashSizesKiB(mcu))).toEqual([
      [512, 1024],
      [512, 1024],
      [512, 1024, 2048],
      [256, 512],
      [128, 256, 512],
      [512, 1024],
      [2048],
      [64, 128],
      [16, 32],
      [64, 128, 256, 384, 512],
      [2048, 4096, 8192, 16_384],
      [2048, 4096, 8192, 16_384],
    ]);
    expect(maxFlashKiB('stm32f429xx')).toBe(2048);
  });

  it.each(mcuNames)('divides every size of an %s into sectors that fill it without a gap', (mcu) => {
    const { start } = mcuFacts[mcu].memory.flash;
    for (const flashKiB of flashSizesKiB(mcu)) {
      const layouts = mcuFacts[mcu].sectorLayouts(flashKiB);
      expect(layouts.length).toBeGreaterThan(0);
      for (const sectors of layouts) {
        const end = sectors.reduce((at, { address, size }) => (address === at ? at + size : NaN), start);
        expect(end).toBe(start + flashKiB * 1024);
      }
    }
    expect(mcuFacts[mcu].sectorLayouts(100)).toEqual([]);
  });

  it('knows that 1 MiB of an STM32F429 may be two banks of 512 KiB', () => {
    const [one, two] = mcuFacts.stm32f429xx.sectorLayouts(1024);
    expect([one?.length, two?.length]).toEqual([12, 16]);
    expect(two?.[8]).toEqual({ address: 0x08080000, size: 16 * 1024 });
  });
});
