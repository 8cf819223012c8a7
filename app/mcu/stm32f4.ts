import type { McuFacts } from './mcu-facts.ts';
import { stm32f4Timing } from './stm32f4-timing.ts';
import { stm32f4Can } from './stm32-can.ts';
import { stm32 } from './stm32.ts';

type Shared =
  | 'memory'
  | 'stackPointer'
  | 'vectorTableOffset'
  | 'applicationOffsets'
  | 'programming'
  | 'timing'
  | 'katapultNeedsBlankSectors'
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
  ...stm32,
  stackPointer: { katapult: 0x2001fff8, klipper: 0x20020000 },
  applicationOffsets: {
    katapult: [0x4000, 0x8000, 0x10000],
    klipper: [0, 0x4000, 0x8000, 0xc000, 0x10000, 0x20200],
  },
  programming: { unitBytes: 4, once: false },
  katapultNeedsBlankSectors: false,
  timing: stm32f4Timing,
  pin: /^P[A-K](?:\d|1[0-5])$/,
  can: stm32f4Can,
  marking: /^STM32F4[A-Z0-9]+$/,
  uidAddress: 0x1fff7a10,
  flashSizeAddress: 0x1fff7a22,
};
