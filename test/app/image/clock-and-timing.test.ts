import { describe, expect, it } from 'vitest';
import { bitTiming, findBitrate } from '../../../app/image/bit-timing.ts';
import { findCrystal } from '../../../app/image/find-crystal.ts';
import { mcuFacts } from '../../../app/mcu/mcu.ts';
import { assemble, ldr } from '../../fixtures/thumb.ts';

/** Values that Klipper v0.13.0-730 and Katapult v0.0.1-109 write, as GCC 8.3, 12.2 and 14.2 build them. */
describe('the clock set-up word', () => {
  it.each([
    ['stm32f446xx', 8_000_000, 0x67402d04],
    ['stm32f446xx', 12_000_000, 0x67402d06],
    ['stm32f407xx', 8_000_000, 0x07402a04],
    ['stm32f407xx', 25_000_000, 0x07405419],
    ['stm32f429xx', 8_000_000, 0x07402a04],
    ['stm32f446xx', null, 0x67002d08],
    ['stm32f405xx', null, 0x07002a08],
  ] as const)('is what the firmware has for %s and %i Hz', (mcu, crystalHz, word) => {
    expect(mcuFacts[mcu].clock?.wordFor(crystalHz)).toBe(word);
    expect(findCrystal(writing(0x24003010, word), mcu)).toBe(crystalHz ?? 0);
  });
});

/** Code that writes RCC_PLLCFGR these values in turn: LDR r5; STR r5, [r3, #4]. */
function writing(...values: readonly number[]): Uint32Array {
  return assemble([ldr(3, 0x40023800), ...values.flatMap((value) => [ldr(5, value), 0x605d])]);
}

describe('findCrystal', () => {
  it('knows what only another MCU writes for nothing', () => {
    expect(findCrystal(writing(0x67402d06), 'stm32f407xx')).toBeNull();
    expect(findCrystal(writing(0x07402a06), 'stm32f446xx')).toBeNull();
  });

  it('does not choose between two set-ups', () => {
    expect(findCrystal(writing(0x67402d06, 0x67402d06), 'stm32f446xx')).toBe(12_000_000);
    expect(findCrystal(writing(0x67402d06, 0x67402d04), 'stm32f446xx')).toBeNull();
    expect(findCrystal(writing(0x67402d06, 0x67402d00), 'stm32f446xx')).toBeNull();
  });

  it('does not take a literal for what is written', () => {
    expect(findCrystal(Uint32Array.of(0x67402d06), 'stm32f446xx')).toBeNull();
    expect(findCrystal(assemble([ldr(5, 0x67402d06)]), 'stm32f446xx')).toBeNull();
  });

  it('is not sure where a literal is for another crystal', () => {
    const words = writing(0x67402d06);
    expect(findCrystal(Uint32Array.of(...words, 0x67402d06), 'stm32f446xx')).toBe(12_000_000);
    expect(findCrystal(Uint32Array.of(...words, 0x67402d04), 'stm32f446xx')).toBeNull();
  });

  it('is not sure if one of the values written is unknown', () => {
    // ldr r5, [r3, #4]; str r5, [r3, #4]
    const code = [ldr(3, 0x40023800), ldr(5, 0x67402d06), 0x605d, 0x685d, 0x605d];
    expect(findCrystal(assemble(code), 'stm32f446xx')).toBeNull();
  });
});

describe('bitTiming', () => {
  it.each([
    ['stm32f446xx', 500_000, 0x011e0004],
    ['stm32f446xx', 250_000, 0x011e0009],
    ['stm32f446xx', 125_000, 0x011e0013],
  ] as const)('is what the firmware has for %s and %i bit/s', (mcu, bitrateBps, word) => {
    expect(bitTiming(mcu, bitrateBps)).toBe(word);
  });

  it.each(['stm32f446xx', 'stm32f407xx'] as const)(
    'gives the bit rate back by the formula of the manual for %s',
    (mcu) => {
      const pclkHz = mcu === 'stm32f446xx' ? 45e6 : 42e6;
      for (const bitrateBps of [1_000_000, 500_000, 250_000, 125_000]) {
        const word = bitTiming(mcu, bitrateBps);
        const quanta = 1 + ((word >> 16) & 15) + 1 + ((word >> 20) & 7) + 1;
        expect(pclkHz / (((word & 0x3ff) + 1) * quanta)).toBe(bitrateBps);
      }
    },
  );
});

describe('findBitrate', () => {
  const can1 = 0x40006400;

  it('needs the CAN controller to be used at all', () => {
    expect(findBitrate(Uint32Array.of(0x011e0004), 'stm32f446xx')).toBeNull();
    expect(findBitrate(Uint32Array.of(0x011e0004, can1), 'stm32f446xx')).toBe(500_000);
  });

  it('reads it from the search loop where the compiler kept that', () => {
    // MOVS r5,#18; MOVS r0,#45; UDIV r6,r0,r5; MUL r6,r5,r6; CMP r6,#45; BEQ; SUBS r5,#1; CMP r5,#9; BNE
    const loop = [
      0x2512, 0x202d, 0xfbb0, 0xf6f5, 0xfb05, 0xf606, 0x2e2d, 0xd003, 0x3d01, 0x2d09, 0xd1f6, 0xbf00,
    ];
    const words = Uint32Array.from(
      { length: loop.length / 2 },
      (_, index) => (loop[2 * index]! | (loop[2 * index + 1]! << 16)) >>> 0,
    );
    expect(findBitrate(Uint32Array.of(...words, can1), 'stm32f446xx')).toBe(1_000_000);
    // 45 clocks a bit are no usual rate at 42 MHz.
    expect(findBitrate(Uint32Array.of(...words, can1), 'stm32f407xx')).toBeNull();
  });
});
