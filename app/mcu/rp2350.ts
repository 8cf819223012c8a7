import type { McuFacts } from './mcu-facts.ts';
import { rp } from './rp.ts';
import { rpKconfig } from './rp-kconfig.ts';

/**
 * Sources: RP2350 datasheet (3.2, 52 interrupts; 5.9, image definitions; 1.4, pins: 30 or, as RP2350B, 48); stack,
 * offsets and vector table as in builds of Klipper v0.13.0-730 and Katapult v0.0.1-109.
 */
export const rp2350: McuFacts = {
  ...rp,
  label: 'RP2350',
  clockHz: { katapult: 150_000_000, klipper: 150_000_000 },
  stackPointer: { katapult: 0x20081c00, klipper: 0x20082000 },
  vectorTableOffset: { katapult: 0, klipper: 0 },
  vectorCount: 68,
  kconfig: {
    ...rpKconfig,
    noDeployer: 'RPXXXX_FLASH_START_0000',
    application: {
      ...rpKconfig.application,
      symbol: (offset) => `RPXXXX_FLASH_START_${offset.toString(16).toUpperCase().padStart(4, '0')}`,
    },
  },
  pin: /^gpio(?:\d|[1-3]\d|4[0-7])$/,
  marking: /^RP2350[AB]?$/,
};
