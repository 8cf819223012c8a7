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
    ['stm32g0b1xx', 8_000_000, 0x57003013],
    ['stm32g0b1xx', 24_000_000, 0x57003053],
    ['stm32g0b1xx', null, 0x57003032],
  ] as const)('is what the firmware has for %s and %i Hz', (mcu, crystalHz, word) => {
    expect(mcuFacts[mcu].clock?.wordsFor(crystalHz)).toEqual([word]);
    const [register] = mcuFacts[mcu].clock?.registers ?? [];
    const [reset = 0] = register?.resetValues ?? [];
    expect(findCrystal(writingTo(register?.address ?? 0, reset, word), mcu)).toBe(crystalHz ?? 0);
  });
});

/** Code that writes these values to a register in turn: LDR r3; LDR r5; STR r5, [r3]. */
function writingTo(address: number, ...values: readonly number[]): Uint32Array {
  return assemble([ldr(3, address), ...values.flatMap((value) => [ldr(5, value), 0x601d])]);
}

/** The same for RCC_PLLCFGR of an STM32F4. */
function writing(...values: readonly number[]): Uint32Array {
  return writingTo(0x40023804, ...values);
}

describe('the clock set-up of an STM32H7', () => {
  /** RCC_PLLCKSELR and RCC_PLL1DIVR, their reset values first, with the wait for the crystal between them. */
  const setUp = (select: number, dividers: number): Uint32Array =>
    assemble([
      ...[ldr(3, 0x58024428), ldr(5, 0x02020200), 0x601d, ldr(5, 0x01010280), 0x609d],
      // LDR r2, [r3]; LSLS r2, r2, #14; BPL to the LDR: changes only r2.
      ...[0x681a, 0x0392, 0xd5fc],
      ...[ldr(5, select), 0x601d, ldr(5, dividers), 0x609d],
    ]);

  it.each([
    ['stm32h723xx', 25_000_000, 0x52, 0x00030067],
    ['stm32h723xx', 8_000_000, 0x22, 0x00030081],
    ['stm32h743xx', 25_000_000, 0x52, 0x0007029f],
    ['stm32h743xx', null, 0x100, 0x000702c7],
  ] as const)('is what the firmware has for %s and %s Hz', (mcu, crystalHz, select, dividers) => {
    expect(mcuFacts[mcu].clock?.wordsFor(crystalHz)).toEqual([select, dividers]);
    expect(findCrystal(setUp(select, dividers), mcu)).toBe(crystalHz ?? 0);
  });

  it('tells 20 from 25 MHz by the multiplier, at the clock of today and of before April 2025', () => {
    expect(findCrystal(setUp(0x52, 0x00030081), 'stm32h723xx')).toBe(20_000_000);
    expect(findCrystal(setUp(0x52, 0x0003004f), 'stm32h723xx')).toBe(25_000_000);
    expect(findCrystal(setUp(0x52, 0x00030063), 'stm32h723xx')).toBe(20_000_000);
    expect(findCrystal(setUp(0x52, 0x00030055), 'stm32h723xx')).toBeNull();
  });
});

describe('the clock set-up of an STM32F0 and F1', () => {
  /** RCC_CFGR, as it is written, then with the PLL switched to; before both something that cannot be followed. */
  const setUp = (word: number): Uint32Array =>
    assemble([
      // LDR r2, [r3]; STR r2, [r3].
      ...[ldr(3, 0x40021004), 0x681a, 0x601a],
      ...[ldr(5, word), 0x601d, ldr(5, word | 2), 0x601d],
    ]);

  it.each([
    ['stm32f072xb', 8_000_000, 0x00110000],
    ['stm32f072xb', 24_000_000, 0x00010000],
    ['stm32f042x6', 12_000_000, 0x00090000],
    ['stm32f103xe', 8_000_000, 0x001de400],
    ['stm32f103xe', 16_000_000, 0x001fe400],
    ['stm32f103xe', null, 0x0040e400],
  ] as const)('is what the firmware has for %s and %s Hz', (mcu, crystalHz, word) => {
    expect(mcuFacts[mcu].clock?.wordsFor(crystalHz)).toEqual([word]);
    expect(findCrystal(setUp(word), mcu)).toBe(crystalHz ?? 0);
  });

  it('takes the oscillator that USB keeps exact for the internal one', () => {
    expect(findCrystal(setUp(3), 'stm32f072xb')).toBe(0);
    expect(mcuFacts.stm32f072xb.clock?.runsUsbFrom(null)).toBe(true);
    expect(mcuFacts.stm32f103xe.clock?.runsUsbFrom(null)).toBe(false);
  });
});

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
    ['stm32g0b1xx', 1_000_000, 0x02030c01],
    ['stm32g0b1xx', 500_000, 0x02070c01],
    ['stm32h723xx', 1_000_000, 0x02090a00],
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
    expect(findBitrate(Uint32Array.of(0x011e0004), 'stm32f446xx', 180e6)).toBeNull();
    expect(findBitrate(Uint32Array.of(0x011e0004, can1), 'stm32f446xx', 180e6)).toBe(500_000);
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
    expect(findBitrate(Uint32Array.of(...words, can1), 'stm32f446xx', 180e6)).toBe(1_000_000);
    // 45 clocks a bit are no usual rate at 42 MHz.
    expect(findBitrate(Uint32Array.of(...words, can1), 'stm32f407xx', 168e6)).toBeNull();
  });

  it('reads it from the loop of a Cortex-M0, which calls for its division', () => {
    // MOVS r4,#18; B; MOVS r1,r4; MOVS r0,#64; BL; CMP r1,#0; BEQ; SUBS r4,#1; CMP r4,#9; BNE
    const loop = [
      0x2412, 0xe005, 0x0021, 0x2040, 0xf007, 0xfca1, 0x2900, 0xd002, 0x3c01, 0x2c09, 0xd1f6, 0xbf00,
    ];
    const words = Uint32Array.from(
      { length: loop.length / 2 },
      (_, index) => (loop[2 * index]! | (loop[2 * index + 1]! << 16)) >>> 0,
    );
    expect(findBitrate(Uint32Array.of(...words, can1), 'stm32g0b1xx', 64e6)).toBe(1_000_000);
    expect(findBitrate(Uint32Array.of(...words, can1), 'stm32f072xb', 48e6)).toBeNull();
  });
});
