import type { McuFacts } from './mcu-facts.ts';
import { stm32Kconfig } from './stm32-kconfig.ts';
import { stm32Memory } from './stm32-memory.ts';

type Shared =
  | 'memory'
  | 'stackPointer'
  | 'vectorTableOffset'
  | 'applicationOffsets'
  | 'programming'
  | 'kconfig'
  | 'pin'
  | 'can'
  | 'marking'
  | 'uidAddress'
  | 'flashSizeAddress';

/**
 * What all STM32F4 have in common: ports A to K of 16 pins, bxCAN, 32-bit programming without an error correction code
 * (RM0090 and RM0390, "GPIO", "Embedded Flash memory interface"), UID and flash size register (RM0090, 39.1 and 39.2;
 * RM0390, 34.1 and 34.2), and how they are marked and configured. Both firmwares take 128 KiB of RAM and offer these
 * offsets (`src/stm32/Kconfig` of each).
 */
export const stm32f4: Pick<McuFacts, Shared> = {
  memory: stm32Memory,
  stackPointer: { katapult: 0x2001fff8, klipper: 0x20020000 },
  vectorTableOffset: { katapult: 0, klipper: 0 },
  applicationOffsets: {
    katapult: [0x4000, 0x8000, 0x10000],
    klipper: [0, 0x4000, 0x8000, 0xc000, 0x10000, 0x20200],
  },
  programming: { unitBytes: 4, once: false },
  kconfig: stm32Kconfig,
  pin: /^P[A-K](?:\d|1[0-5])$/,
  can: { controller: 'bxcan', noBridge: null },
  marking: /^STM32F4[A-Z0-9]+$/,
  uidAddress: 0x1fff7a10,
  flashSizeAddress: 0x1fff7a22,
};
