import type { Sector } from './mcu-facts.ts';
import { flashStart } from './stm32-memory.ts';

/** The sectors of an STM32 whose flash is divided evenly. */
export function uniformPages(flashKiB: number, pageKiB: number): readonly Sector[] {
  const size = pageKiB * 1024;
  return Array.from({ length: flashKiB / pageKiB }, (_, index) => ({
    address: flashStart + index * size,
    size,
  }));
}

/** `sectorLayouts` of an MCU that is sold with these sizes. */
export function uniformLayouts(
  sizes: Readonly<Record<string, number>>,
  pageKiB: number,
): (flashKiB: number) => readonly (readonly Sector[])[] {
  return (flashKiB) => (Object.values(sizes).includes(flashKiB) ? [uniformPages(flashKiB, pageKiB)] : []);
}
