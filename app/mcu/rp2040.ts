import type { McuFacts } from './mcu-facts.ts';
import { rp } from './rp.ts';

/**
 * Sources: RP2040 datasheet (2.3.2, 26 interrupts; 2.8.1, the second stage; 1.4, pins); stack, offsets and vector table
 * as in builds of Klipper v0.13.0-730 and Katapult v0.0.1-109. `CLOCK_FREQ` is the rate of its timer; it runs faster.
 */
export const rp2040: McuFacts = {
  ...rp,
  label: 'RP2040',
  clockHz: { katapult: 12_000_000, klipper: 12_000_000 },
  stackPointer: { katapult: 0x20041c00, klipper: 0x20042000 },
  vectorTableOffset: { katapult: 0x100, klipper: 0 },
  vectorCount: 42,
  pin: /^gpio(?:\d|[12]\d)$/,
  marking: /^RP2040$/,
};
