import { describe, expect, it } from 'vitest';
import {
  describeFault,
  knownFaultOf,
  knownFaultOfConfig,
  knownFaults,
} from '../../../app/image/known-faults.ts';

const f446 = { firmware: 'klipper', mcu: 'stm32f446xx' };

describe('the fault that a version stands for', () => {
  it.each([
    { version: 'v0.10.0-503-g790ff4d8d', why: 'the first commit with the bridge' },
    { version: 'v0.10.0-531-g3796a319', why: "the vendor's image of Klipper issue 5667" },
    {
      version: 'v0.10.0-531-g3796a319-20220811_101112-host',
      why: 'a build of a tree that git described with a time',
    },
    { version: '3796a319599e84b58886ec6f733277bfe4f1a747', why: 'a whole commit id' },
    { version: '3796a31', why: 'a clone without tags' },
    { version: 'v0.10.0-546-ga709ba43a', why: 'the last one before it was mended' },
  ])('$version on F446: $why', ({ version }) => {
    expect(knownFaultOf({ ...f446, version })).toMatchObject({
      certain: true,
      fault: { fixedBy: 'v0.10.0-547-g6aec6efcc' },
    });
  });

  it.each([
    { version: 'v0.10.0-547-g6aec6efcc', mcu: 'stm32f446xx', why: 'the commit that mends it' },
    { version: 'v0.10.0-531-g3796a319', mcu: 'stm32f407xx', why: 'a chip that it is not about' },
    { version: 'v0.10.0-531-g3796a319', mcu: null, why: 'an unknown chip' },
    { version: 'v0.13.0-730-g84104bbbd', mcu: 'stm32f446xx', why: 'a commit of today' },
    { version: '?', mcu: 'stm32f446xx', why: 'no version' },
    { version: null, mcu: 'stm32f446xx', why: 'no version at all' },
    { version: 'v0.10.0-531-g3796a3', mcu: 'stm32f446xx', why: 'too few digits' },
  ])('is none for $version on $mcu: $why', ({ version, mcu }) => {
    expect(knownFaultOf({ firmware: 'klipper', mcu, version })).toBeNull();
  });

  it('is none for Katapult', () => {
    const version = 'v0.10.0-531-g3796a319';
    expect(knownFaultOf({ firmware: 'katapult', mcu: 'stm32f446xx', version })).toBeNull();
  });

  it('is uncertain where the sources were changed since', () => {
    const version = 'v0.10.0-531-g3796a319-dirty-20220811_101112-host';
    expect(knownFaultOf({ ...f446, version })).toMatchObject({ certain: false });
  });
});

describe('the fault that a configuration shows', () => {
  const old = new Map([
    ['FLASH_START', '0x8008000'],
    ['USBCANBUS', 'y'],
  ]);

  it('is found on F446 where the tree has no CONFIG_USB yet', () => {
    expect(knownFaultOfConfig(f446, old)).toBe(knownFaults[0]);
  });

  it('is none where the tree has it, on other chips, and for a newer tree', () => {
    expect(knownFaultOfConfig(f446, new Map([...old, ['USB', 'y'] as const]))).toBeNull();
    expect(knownFaultOfConfig({ ...f446, mcu: 'stm32f407xx' }, old)).toBeNull();
    expect(knownFaultOfConfig(f446, new Map([['FLASH_APPLICATION_ADDRESS', '0x8008000']]))).toBeNull();
  });
});

describe('the table of known faults', () => {
  it('names its commits by nine digits, each once, and its range in words', () => {
    for (const fault of knownFaults) {
      expect(fault.commits.every((commit) => /^[0-9a-f]{9}$/.test(commit))).toBe(true);
      expect(new Set(fault.commits).size).toBe(fault.commits.length);
      expect(describeFault(fault)).toContain(`${fault.from} to before ${fault.fixedBy}`);
    }
  });
});
