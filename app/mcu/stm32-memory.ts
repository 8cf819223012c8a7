import type { MemoryMap } from './memory-map.ts';

/** Where flash begins on every STM32, and with it what ROM DFU writes. */
export const flashStart = 0x08000000;

/** The largest STM32 has 2 MiB of flash. Offsets: `src/stm32/Kconfig` of both firmwares. */
export const stm32Memory: MemoryMap = {
  flash: { start: flashStart, end: flashStart + 0x200000 },
  ram: [
    { start: 0x20000000, end: 0x20080000 },
    // AXI SRAM of the H7, where Katapult keeps its data.
    { start: 0x24000000, end: 0x24080000 },
  ],
  vectorBytesInRam: 0,
  vectorTableOffsets: [0],
  applicationOffsets: {
    katapult: [0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000],
    klipper: [
      0, 0x800, 0x1000, 0x2000, 0x4000, 0x5000, 0x7000, 0x8000, 0x8800, 0x9000, 0xc000, 0x10000, 0x20000,
      0x20200,
    ],
  },
};
