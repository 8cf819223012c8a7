import type { McuFacts } from './mcu-facts.ts';
import { uniformTiming } from './flash-timing.ts';
import { stm32 } from './stm32.ts';

type Shared = Exclude<
  keyof McuFacts,
  | 'katapultNeedsBlankSectors'
  | 'label'
  | 'clockHz'
  | 'clock'
  | 'vectorCount'
  | 'flashKiBByCode'
  | 'sectorLayouts'
  | 'can'
  | 'marking'
  | 'romDfu'
>;

/**
 * What the STM32H723 and H743 have in common: sectors of 128 KiB, flash words of 32 bytes with ECC, UID and flash size
 * register (RM0468 and RM0433, "Embedded flash memory" and "Device electronic signature"). Klipper keeps its data in
 * DTCM, Katapult in AXI SRAM, as builds of v0.13.0-730 and v0.0.1-109 show; 128 KiB is the only offset of both.
 */
export const stm32h7: Pick<McuFacts, Shared> = {
  ...stm32,
  stackPointer: { katapult: 0x2401fff8, klipper: 0x20020000 },
  applicationOffsets: { katapult: [0x20000], klipper: [0, 0x20000] },
  programming: { unitBytes: 32, once: true },
  // At 32 bits, as measured in ST's forum.
  timing: uniformTiming(1100, 6000, 32, 130),
  pin: /^P[A-K](?:\d|1[0-5])$/,
  uidAddress: 0x1ff1e800,
  flashSizeAddress: 0x1ff1e880,
};
