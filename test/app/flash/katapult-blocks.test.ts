import { describe, expect, it } from 'vitest';
import { planWrite } from '../../../app/flash/katapult-blocks.ts';

const KiB = 1024;
const f446 = 'stm32f446xx';

function addresses(plan: ReturnType<typeof planWrite>): number[] {
  return plan.blocks.map(({ address }) => address);
}

describe('planWrite', () => {
  it('cuts into whole blocks and pads the last one with ff', () => {
    const { ascending } = planWrite(new Uint8Array(130).fill(1), 0x08008000, 64, f446);
    expect(ascending.map(({ address, data }) => [address, data.length])).toEqual([
      [0x08008000, 64],
      [0x08008040, 64],
      [0x08008080, 64],
    ]);
    expect(ascending[2]?.data.subarray(0, 3)).toEqual(Uint8Array.of(1, 1, 0xff));
  });

  it.each([
    ['16 KiB', 0x08004000, 16 * KiB],
    ['32 KiB', 0x08008000, 16 * KiB],
    ['48 KiB', 0x0800c000, 16 * KiB],
    ['64 KiB', 0x08010000, 64 * KiB],
    ['128 KiB', 0x08020000, 128 * KiB],
  ])('puts the first sector last where the application starts at %s', (_offset, start, firstSector) => {
    const plan = planWrite(new Uint8Array(firstSector + 128), start, 64, f446);
    expect(plan.blocksBeforeFirstSector).toBe(2);
    expect(addresses(plan).slice(0, 3)).toEqual([start + firstSector, start + firstSector + 64, start]);
    expect(addresses(plan).at(-1)).toBe(start + firstSector - 64);
    expect(plan.eraser).toMatchObject({ address: start, data: new Uint8Array(64).fill(0xff) });
    expect(plan.sectorCount).toBe(2);
  });

  it('has nothing to put off in an image of one sector', () => {
    const plan = planWrite(new Uint8Array(16 * KiB), 0x08008000, 64, f446);
    expect(plan.blocksBeforeFirstSector).toBe(0);
    expect(plan.blocks).toEqual(plan.ascending);
  });

  it('gives blocks that erase the time that it takes', () => {
    const { ascending } = planWrite(new Uint8Array(160 * KiB), 0x08008000, 64, f446);
    const slow = ascending.filter(({ timeoutMs }) => timeoutMs > 2000);
    expect(slow.map(({ address, timeoutMs }) => [address, timeoutMs])).toEqual([
      [0x08008000, 5000],
      [0x0800c000, 5000],
      [0x08010000, 5000],
      [0x08020000, 10_000],
    ]);
  });

  it('knows where the sector of a block begins in its order', () => {
    const plan = planWrite(new Uint8Array(40 * KiB), 0x08008000, 64, f446);
    // 0x0800c000: 256 blocks, 0x08010000: 128 blocks, then 0x08008000.
    expect([0, 255, 256, 383, 384, 639].map((index) => plan.sectorStart(index))).toEqual([
      0, 0, 256, 256, 384, 384,
    ]);
  });

  it('goes in plain order where it does not know the sectors, and takes its time', () => {
    for (const [mcu, start] of [
      ['stm32h743xx', 0x08020000],
      ['stm32g0b1xx', 0x08002000],
      [f446, 0x08002000],
    ] as const) {
      const plan = planWrite(new Uint8Array(40 * KiB), start, 64, mcu);
      expect(plan.blocks).toEqual(plan.ascending);
      expect(plan.eraser).toBeNull();
      expect(plan.sectorCount).toBeNull();
      expect(plan.blocks.every(({ timeoutMs }) => timeoutMs === 5000)).toBe(true);
      expect(plan.sectorStart(17)).toBe(0);
    }
  });

  it('goes by sectors of 4 KiB on an RP2040, and repeats whole ones', () => {
    const plan = planWrite(new Uint8Array(9000), 0x10004000, 64, 'rp2040');
    expect([plan.sectorCount, plan.blocksBeforeFirstSector, plan.repeatsSectors]).toEqual([3, 77, true]);
    expect([plan.blocks[0]?.address, plan.blocks[77]?.address]).toEqual([0x10005000, 0x10004000]);
    expect([0, 63, 64, 76, 77, 140].map((index) => plan.sectorStart(index))).toEqual([0, 0, 64, 64, 77, 77]);
    expect(planWrite(new Uint8Array(9000), 0x08008000, 64, 'stm32f446xx').repeatsSectors).toBe(false);
  });
});
