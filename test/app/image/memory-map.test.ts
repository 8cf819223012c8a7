import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryMapOf, type MappedImage } from '../../../app/image/memory-map.ts';

const katapult: MappedImage = {
  kind: 'katapult',
  mcu: 'stm32f446xx',
  applicationAddress: 0x08000000,
  launchAddress: 0x08008000,
  size: 5148,
};
const klipper: MappedImage = {
  ...katapult,
  kind: 'klipper',
  applicationAddress: 0x08008000,
  launchAddress: null,
  size: 46_728,
};

const told = (image: MappedImage, flashKiB?: number) =>
  memoryMapOf(image, flashKiB)?.rows.map((row) => [
    `${row.firstSector}-${row.lastSector}`,
    row.use,
    row.usedBytes,
    row.isErased,
  ]);

describe('the memory map', () => {
  it('of Katapult erases its own sector and the one that it would start', () => {
    expect(told(katapult, 512)).toEqual([
      ['0-0', 'image', 5148, true],
      ['1-1', 'free', 0, false],
      ['2-2', 'application', 0, true],
      ['3-7', 'free', 0, false],
    ]);
  });

  it('of Klipper keeps the bootloader before it and erases what it is written to', () => {
    expect(told(klipper, 512)).toEqual([
      ['0-1', 'bootloader', 0, false],
      ['2-2', 'image', 16_384, true],
      ['3-3', 'image', 16_384, true],
      ['4-4', 'image', 13_960, true],
      ['5-7', 'free', 0, false],
    ]);
  });

  it('takes the largest flash of the MCU if the size is unknown, and says so', () => {
    expect(memoryMapOf({ ...klipper, mcu: 'stm32f429xx' })).toMatchObject({
      flashKiB: 2048,
      isLargest: true,
    });
    expect(memoryMapOf(klipper, 512)).toMatchObject({ flashKiB: 512, isLargest: false });
  });

  it('is not there for an image that does not say what it is for', () => {
    expect(memoryMapOf({ ...klipper, mcu: null })).toBeNull();
    expect(memoryMapOf({ ...klipper, mcu: 'stm32h750xx' })).toBeNull();
    expect(memoryMapOf({ ...klipper, applicationAddress: null })).toBeNull();
  });

  it('lists each byte of flash once, and all of the image in it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 600_000 }), (step, size) => {
        const start = 0x08000000 + step * 0x4000;
        const { rows } = memoryMapOf({ ...klipper, applicationAddress: start, size }, 512)!;
        expect(rows.reduce((sum, row) => sum + row.size, 0)).toBe(512 * 1024);
        for (const [index, row] of rows.entries()) {
          const before = rows[index - 1];
          expect(row.address).toBe(before ? before.address + before.size : 0x08000000);
          expect(row.isErased).toBe(row.usedBytes > 0);
        }
        const inFlash = Math.min(size, 512 * 1024 - (start - 0x08000000));
        expect(rows.reduce((sum, row) => sum + row.usedBytes, 0)).toBe(inFlash);
      }),
    );
  });
});
