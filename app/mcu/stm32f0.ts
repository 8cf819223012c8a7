import type { McuFacts } from './mcu-facts.ts';
import { uniformTiming } from './flash-timing.ts';
import { stm32f0Clock } from './stm32f0-clock.ts';
import { stm32 } from './stm32.ts';

type Shared = Exclude<
  keyof McuFacts,
  'label' | 'stackPointer' | 'applicationOffsets' | 'flashKiBByCode' | 'sectorLayouts' | 'can' | 'marking'
>;

const clockHz = 48_000_000;

/**
 * What the STM32F042 and F072 have in common (RM0091 rev 10: flash of 16-bit halves without ECC, vector table, "Device
 * electronic signature"). Their ROM reports the same serial number on every part (public `dfu-util -l` listings).
 */
export const stm32f0: Pick<McuFacts, Shared> = {
  ...stm32,
  clockHz: { katapult: clockHz, klipper: clockHz },
  clock: stm32f0Clock,
  vectorCount: 48,
  katapultNeedsBlankSectors: false,
  programming: { unitBytes: 2, once: false },
  // From memory of DS9826, "Memory characteristics": 20 to 40 ms.
  timing: uniformTiming(30, 30, 2, 53.5),
  pin: /^P[A-F](?:\d|1[0-5])$/,
  uidAddress: 0x1ffff7ac,
  flashSizeAddress: 0x1ffff7cc,
  romDfu: {
    bcdDevice: 0x2200,
    optionBytes: [0x1ffff800],
    otp: null,
    serial: { constant: 'FFFFFFFEFFFF' },
    overstatesFlash: false,
  },
};
