import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../app/errors.ts';
import { fragmentOf } from '../../../app/build/fragment.ts';
import { compareConfig, formatDifferences, refuseDifferences } from '../../../app/build/resolved-config.ts';
import { codeOf } from '../../error-code.ts';
import { octopus } from './octopus.ts';

const fragment = fragmentOf(octopus, 'klipper');
/** What a tree makes of the fragment when all goes well. */
const good = new Map([...fragment.asked, ...fragment.derived, ['CLOCK_FREQ', '180000000'] as const]);

function resolved(changes: Record<string, string | null>): Map<string, string> {
  const config = new Map<string, string>(good);
  for (const [symbol, value] of Object.entries(changes)) {
    if (value === null) config.delete(symbol);
    else config.set(symbol, value);
  }
  return config;
}

describe('the resolved configuration', () => {
  it('that holds all that was asked and all that follows is accepted', () => {
    expect(compareConfig(fragment, good)).toEqual([]);
    expect(codeOf(() => refuseDifferences(fragment, [], octopus))).toBe('no error');
  });

  it.each([...fragment.asked.keys(), ...fragment.derived.keys()])('that lost %s is refused', (symbol) => {
    const differences = compareConfig(fragment, resolved({ [symbol]: null }));
    expect(differences.map((each) => each.symbol)).toEqual([symbol]);
    const code = codeOf(() => refuseDifferences(fragment, differences, octopus));
    expect(code).toBe(symbol === 'MACH_STM32F446' ? 'build/unknown-mcu' : 'build/config-refused');
  });

  it.each([
    ['klipper', 'FLASH_APPLICATION_ADDRESS', 'FLASH_START'],
    ['katapult', 'LAUNCH_APP_ADDRESS', 'APPLICATION_START'],
    ['katapult', 'FLASH_APPLICATION_ADDRESS', 'FLASH_BOOT_ADDRESS'],
    ['katapult', 'FLASH_APPLICATION_ADDRESS', 'BOOTLOADER_START'],
    ['katapult', 'FLASH_APPLICATION_ADDRESS', 'FLASH_START'],
  ] as const)('of %s may call %s by its older name %s, with the same value', (target, symbol, older) => {
    const wanted = fragmentOf(octopus, target);
    const old = new Map([...wanted.asked, ...wanted.derived]);
    const value = old.get(symbol) ?? '';
    old.delete(symbol);
    expect(compareConfig(wanted, new Map([...old, [older, value]]))).toEqual([]);
    const differences = compareConfig(wanted, new Map([...old, [older, '0x8010000']]));
    expect(differences).toMatchObject([{ symbol, got: '0x8010000' }]);
  });

  it('that has another crystal is shown as a table with the reason', () => {
    const config = resolved({
      STM32_CLOCK_REF_12M: null,
      STM32_CLOCK_REF_8M: 'y',
      CLOCK_REF_FREQ: '8000000',
    });
    const known = new Set(['STM32_CLOCK_REF_8M', 'CLOCK_REF_FREQ']);
    expect(formatDifferences(compareConfig(fragment, config, known))).toBe(
      [
        'symbol               asked               got        why',
        'STM32_CLOCK_REF_12M  y                   not there  this source has no such symbol',
        'CLOCK_REF_FREQ       12000000 (follows)  8000000    another value won',
      ].join('\n'),
    );
  });

  it('distinguishes a missing symbol from one with an unmet dependency', () => {
    const config = resolved({ STM32_USBCANBUS_PA11_PA12: 'n', USBCANBUS: 'n' });
    const table = formatDifferences(
      compareConfig(fragment, config, new Set(['STM32_USBCANBUS_PA11_PA12', 'USBCANBUS'])),
    );
    expect(table).toMatch(/STM32_USBCANBUS_PA11_PA12 .* dropped: a dependency is not met/);
  });

  it('names a chip that the tree does not have, but not one that only lost to an extra symbol', () => {
    const config = resolved({ MACH_STM32F446: null, MCU: '"stm32f103xe"' });
    const unknown = compareConfig(fragment, config, new Set(['MACH_STM32F103']));
    expect(codeOf(() => refuseDifferences(fragment, unknown, octopus))).toBe('build/unknown-mcu');
    const dropped = compareConfig(fragment, config, new Set(['MACH_STM32F446']));
    expect(codeOf(() => refuseDifferences(fragment, dropped, octopus))).toBe('build/config-refused');
  });

  it('is refused with the table in the message and line by line in the details', () => {
    const differences = compareConfig(fragment, resolved({ CANBUS_FREQUENCY: '500000' }));
    try {
      refuseDifferences(fragment, differences, octopus);
      expect.unreachable();
    } catch (error) {
      if (!isCanopusError(error)) throw error;
      expect(error.message).toMatch(/CANBUS_FREQUENCY +1000000 +500000/);
      expect(error.details['table']).toHaveLength(2);
    }
  });
});
