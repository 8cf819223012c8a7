import type { ChipFacts } from '../../../app/chip/chip-facts.ts';
import type { Sector } from '../../../app/mcu/mcu-facts.ts';
import { mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';

/** What parts report in ROM DFU in their descriptors (dfu-util's listings of real ones). */
export const parts = {
  F446: part('stm32f446xx', 512, 'STM32FxSTM32'),
  'F407-512': part('stm32f407xx', 512, '207A389B5848'),
  'F407-1024': part('stm32f407xx', 1024, '207A389B5848'),
  F405: part('stm32f405xx', 1024, '207E336A5036'),
  'F429-1024': part('stm32f429xx', 1024, '3271334D3038'),
  'F429-2048': part('stm32f429xx', 2048, '3271334D3038'),
  'F429-dual-bank': part('stm32f429xx', 1024, '3271334D3038', 1),
} as const satisfies Record<string, ChipFacts>;

export type Part = keyof typeof parts;

/** Chips of other families, and of other makers. */
export const foreignRoms = {
  G0B1: foreign(Array<number>(64).fill(2), null, null, '203739645542'),
  H723: foreign(Array<number>(8).fill(128), [0x5200201c], null, '376630573030'),
  H743: foreign(Array<number>(16).fill(128), [0x5200201c], null, '200364500000'),
  F072: foreign(Array<number>(64).fill(2), [0x1ffff800], null, 'FFFFFFFEFFFF'),
  GD32: foreign(Array<number>(512).fill(2), [0x1ffff800], null, '3CBJ'),
  F722: foreign(
    [16, 16, 16, 16, 64, 128, 128, 128],
    [0x1fff0000],
    { address: 0x1ff07800, size: 544 },
    '207A389B5848',
  ),
} as const satisfies Record<string, ChipFacts>;

function part(mcu: McuName, flashKiB: number, serial: string, layout = 0): ChipFacts {
  const { sectorLayouts, romDfu: rom } = mcuFacts[mcu];
  return {
    ...facts(sectorLayouts(flashKiB)[layout] ?? []),
    optionBytes: rom?.optionBytes ?? null,
    otp: rom?.otp ?? null,
    serial,
  };
}

function foreign(
  sectorsKiB: readonly number[],
  optionBytes: readonly number[] | null,
  otp: ChipFacts['otp'],
  serial: string,
): ChipFacts {
  let address = 0x08000000;
  const sectors = sectorsKiB.map((kib): Sector => {
    const sector = { address, size: kib * 1024 };
    address += sector.size;
    return sector;
  });
  return { ...facts(sectors), optionBytes, otp, serial };
}

function facts(sectors: readonly Sector[]): ChipFacts {
  return {
    sectors,
    flashBytes: sectors.reduce((sum, { size }) => sum + size, 0),
    isWhole: true,
    optionBytes: null,
    otp: null,
    serial: null,
    uid: null,
    flashSizeKiB: null,
  };
}
