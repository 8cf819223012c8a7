import type { McuFacts, Sector } from './mcu-facts.ts';
import { uniformTiming } from './flash-timing.ts';
import { stm32f1Can } from './stm32-can.ts';
import { stm32f1Clock } from './stm32f1-clock.ts';
import { stm32 } from './stm32.ts';
import { uniformPages } from './uniform-pages.ts';

const clockHz = 72_000_000;
const flashKiBByCode = { '8': 64, B: 128, C: 256, D: 384, E: 512 };

/** Pages of 1 KiB up to 128 KiB of flash, of 2 KiB above (PM0075 section 1.3). */
function pages(flashKiB: number): readonly (readonly Sector[])[] {
  if (!Object.values(flashKiBByCode).includes(flashKiB)) return [];
  return [uniformPages(flashKiB, flashKiB < 256 ? 1 : 2)];
}

/**
 * Sources: RM0008 rev 21 (vector table, "Device electronic signature"), PM0075 rev 2 (flash); DS5319 and DS5792, "Ordering
 * information"; builds of both firmwares, which take the 64 KiB of the smallest part. Its ROM has no USB: a first
 * Katapult needs a programmer, a serial port, or an application that is there already.
 */
export const stm32f103: McuFacts = {
  ...stm32,
  label: 'STM32F103',
  clockHz: { katapult: clockHz, klipper: clockHz },
  clock: stm32f1Clock,
  stackPointer: { katapult: 0x20004ff8, klipper: 0x20005000 },
  vectorCount: 76,
  applicationOffsets: {
    katapult: [0x1000, 0x2000],
    klipper: [0, 0x800, 0x1000, 0x2000, 0x4000, 0x5000, 0x7000, 0x8000, 0x8800, 0x9000, 0x10000],
  },
  flashKiBByCode,
  sectorLayouts: pages,
  katapultNeedsBlankSectors: false,
  programming: { unitBytes: 2, once: false },
  // DS5319, "Memory characteristics": 20 to 40 ms.
  timing: uniformTiming(30, 30, 2, 52.5),
  pin: /^P[A-G](?:\d|1[0-5])$/,
  can: stm32f1Can,
  marking: /^STM32F103[A-Z0-9]*$/,
  uidAddress: 0x1ffff7e8,
  flashSizeAddress: 0x1ffff7e0,
  romDfu: null,
};
