import type { McuFacts } from './mcu-facts.ts';
import { stm32h7Can } from './stm32-can.ts';
import { stm32h7Clock } from './stm32h7-clock.ts';
import { stm32h7 } from './stm32h7.ts';
import { uniformLayouts } from './uniform-pages.ts';

const flashKiBByCode = { E: 512, G: 1024 };

/**
 * Sources: RM0468 rev 3 (vector table); DS13313, "Ordering information". Klipper has run it at 520 MHz since 2025-04-28
 * and at 400 MHz before, like Katapult. Its ROM reports a serial number from the UID (public `dfu-util -l` listings of
 * Manta M8P v2); boards with the 512 KiB part are sold, while the listings say 1 MiB.
 */
export const stm32h723: McuFacts = {
  ...stm32h7,
  label: 'STM32H723',
  clockHz: { katapult: 400_000_000, klipper: 520_000_000 },
  clock: stm32h7Clock([
    { pllHz: 520_000_000, cpuHz: 520_000_000 },
    { pllHz: 400_000_000, cpuHz: 400_000_000 },
  ]),
  vectorCount: 179,
  flashKiBByCode,
  sectorLayouts: uniformLayouts(flashKiBByCode, 128),
  // Katapult issues 128 and 155, with every version tried; a blank sector is fine.
  katapultNeedsBlankSectors: true,
  can: stm32h7Can,
  marking: /^STM32H723[A-Z0-9]*$/,
  romDfu: { bcdDevice: 0x0200, optionBytes: [0x5200201c], otp: null, serial: 'uid', overstatesFlash: true },
};
