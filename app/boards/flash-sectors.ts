import { flashStart } from './mcu.ts';

/** One sector: the smallest piece that can be erased. */
export interface Sector {
  readonly address: number;
  readonly size: number;
}

const KiB = 1024;
/** STM32F4: 16, 16, 16, 16, 64 and then only 128 KiB, once per bank (RM0090 tables 5 and 6, RM0390 table 4). */
const smallSectors = [16, 16, 16, 16, 64];
const bankKiB = 1024;

/** The sectors of an STM32F4 with `flashKiB` of flash; 2048 is two banks of 1024. */
export function sectorsOf(flashKiB: number): readonly Sector[] {
  const sectors: Sector[] = [];
  let address = flashStart;
  for (let leftKiB = flashKiB; leftKiB > 0; leftKiB -= bankKiB) {
    let bankLeftKiB = Math.min(leftKiB, bankKiB);
    for (let index = 0; bankLeftKiB > 0; index++) {
      const sizeKiB = Math.min(smallSectors[index] ?? 128, bankLeftKiB);
      sectors.push({ address, size: sizeKiB * KiB });
      address += sizeKiB * KiB;
      bankLeftKiB -= sizeKiB;
    }
  }
  return sectors;
}
