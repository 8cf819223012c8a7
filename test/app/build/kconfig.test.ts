import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatKconfig,
  kconfigHex,
  kconfigString,
  parseKconfig,
  sameKconfigValue,
} from '../../../app/build/kconfig.ts';
import { cases } from '../../counts.ts';

describe('a .config file', () => {
  it('is read symbol by symbol, with what is off, and without its comments', () => {
    const text = [
      '# A comment',
      'CONFIG_MACH_STM32=y',
      '# CONFIG_MACH_AVR is not set',
      'CONFIG_MCU="stm32f446xx"',
      'CONFIG_FLASH_START=0x8000000\r',
      'CONFIG_INITIAL_PINS="!PA1,PA2=x"',
      'nonsense',
      '',
    ].join('\n');
    expect([...parseKconfig(text)]).toEqual([
      ['MACH_STM32', 'y'],
      ['MACH_AVR', 'n'],
      ['MCU', '"stm32f446xx"'],
      ['FLASH_START', '0x8000000'],
      ['INITIAL_PINS', '"!PA1,PA2=x"'],
    ]);
  });

  it('means what its last line for a symbol says', () => {
    expect(parseKconfig('CONFIG_A=1\nCONFIG_A=2\n').get('A')).toBe('2');
  });

  it('is the same after being written and read back', () => {
    const symbol = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,20}$/);
    const value = fc.oneof(
      fc.constantFrom('y', 'n', '0', '-12', '0x8000'),
      fc.string({ maxLength: 20 }).map((text) => kconfigString(text.replace(/[\r\n]/g, ' '))),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(symbol, value)), (pairs) => {
        const values = new Map(pairs);
        expect(parseKconfig(formatKconfig(values))).toEqual(values);
      }),
    );
  });

  it('never makes the reader stumble', () => {
    fc.assert(
      fc.property(fc.string(), (text) => parseKconfig(text) instanceof Map),
      { numRuns: cases(2_000) },
    );
  });
});

describe('kconfig values', () => {
  it('are the same number however it is spelled', () => {
    expect(sameKconfigValue('0x800C000', '0x800c000')).toBe(true);
    expect(sameKconfigValue('134266880', '0x800c000')).toBe(true);
    expect(sameKconfigValue('"1"', '1')).toBe(false);
    expect(sameKconfigValue('12000000', '8000000')).toBe(false);
  });

  it('that are not there are off', () => {
    expect(sameKconfigValue('n', undefined)).toBe(true);
    expect(sameKconfigValue('y', undefined)).toBe(false);
    expect(sameKconfigValue('0', undefined)).toBe(false);
  });

  it('quote what is special', () => {
    expect(kconfigString('a"b\\c')).toBe('"a\\"b\\\\c"');
    expect(kconfigHex(0x08008000)).toBe('0x8008000');
  });
});
