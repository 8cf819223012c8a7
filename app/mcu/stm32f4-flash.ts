import type { Sector } from './mcu-facts.ts';
import { flashStart } from './stm32-memory.ts';

const KiB = 1024;
/** 16, 16, 16, 16, 64 and then only 128 KiB, once per bank (RM0090 tables 5 and 6, RM0390 table 4). */
const smallSectors = [16, 16, 16, 16, 64];
const bankKiB = 1024;

/** The sectors of an STM32F4 with `flashKiB` of flash; 2048 is two banks of 1024. */
export function sectorsOf(flashKiB: number): readonly Sector[] {
  return sectorsOfBanks(flashKiB, bankKiB);
}

/** The sectors of flash in banks of `bankSizeKiB`, each starting with the small ones. */
export function sectorsOfBanks(flashKiB: number, bankSizeKiB: number): readonly Sector[] {
  const sectors: Sector[] = [];
  let address = flashStart;
  for (let leftKiB = flashKiB; leftKiB > 0; leftKiB -= bankSizeKiB) {
    let bankLeftKiB = Math.min(leftKiB, bankSizeKiB);
    for (let index = 0; bankLeftKiB > 0; index++) {
      const sizeKiB = Math.min(smallSectors[index] ?? 128, bankLeftKiB);
      sectors.push({ address, size: sizeKiB * KiB });
      address += sizeKiB * KiB;
      bankLeftKiB -= sizeKiB;
    }
  }
  return sectors;
}
