import type { KconfigSymbols } from './kconfig-symbols.ts';
import type { McuFacts } from './mcu-facts.ts';
import type { MemoryMap } from './memory-map.ts';
import { rp2040 } from './rp2040.ts';
import { rp2350 } from './rp2350.ts';
import { stm32Kconfig } from './stm32-kconfig.ts';
import { stm32Memory } from './stm32-memory.ts';
import { stm32f042 } from './stm32f042.ts';
import { stm32f072 } from './stm32f072.ts';
import { stm32f103 } from './stm32f103.ts';
import { stm32f405 } from './stm32f405.ts';
import { stm32f407 } from './stm32f407.ts';
import { stm32f429 } from './stm32f429.ts';
import { stm32f446 } from './stm32f446.ts';
import { stm32g0b1 } from './stm32g0b1.ts';
import { stm32h723 } from './stm32h723.ts';
import { stm32h743 } from './stm32h743.ts';

/** The MCUs that this station flashes, by their names in Katapult and Klipper. */
export const mcuNames = [
  'stm32f405xx',
  'stm32f407xx',
  'stm32f429xx',
  'stm32f446xx',
  'stm32g0b1xx',
  'stm32h723xx',
  'stm32h743xx',
  'stm32f072xb',
  'stm32f042x6',
  'stm32f103xe',
  'rp2040',
  'rp2350',
] as const;

export type McuName = (typeof mcuNames)[number];

export const mcuFacts: Readonly<Record<McuName, McuFacts>> = {
  stm32f405xx: stm32f405,
  stm32f407xx: stm32f407,
  stm32f429xx: stm32f429,
  stm32f446xx: stm32f446,
  stm32g0b1xx: stm32g0b1,
  stm32h723xx: stm32h723,
  stm32h743xx: stm32h743,
  stm32f072xb: stm32f072,
  stm32f042x6: stm32f042,
  stm32f103xe: stm32f103,
  rp2040,
  rp2350,
};

/** True for a name in `mcuNames`. */
export function isMcuName(name: string): name is McuName {
  return (mcuNames as readonly string[]).includes(name);
}

/** Flash sizes of an MCU, ascending. */
export function flashSizesKiB(mcu: McuName): readonly number[] {
  return Object.values(mcuFacts[mcu].flashKiBByCode).toSorted((a, b) => a - b);
}

/** The largest flash size of an MCU. */
export function maxFlashKiB(mcu: McuName): number {
  return Math.max(...flashSizesKiB(mcu));
}

/** The MCUs that are flashed, for people: `STM32F405, F407, F429 and F446`. */
export const flashedMcus = listed(mcuNames.map((name) => mcuFacts[name].label));

/** How builds name the choices of an MCU; of one that is not in the table, as of every STM32. */
export function kconfigOf(mcu: string): KconfigSymbols {
  return isMcuName(mcu) ? mcuFacts[mcu].kconfig : stm32Kconfig;
}

/** The address spaces of all MCUs, each once. */
export const memoryMaps: readonly MemoryMap[] = [...new Set(mcuNames.map((name) => mcuFacts[name].memory))];

/** The address space of an MCU; of one that is not in the table, that of an STM32. */
export function memoryOf(mcu: string | null): MemoryMap {
  return mcu !== null && isMcuName(mcu) ? mcuFacts[mcu].memory : stm32Memory;
}

/** Where flash begins; of an MCU that is not in the table, as of every STM32. */
export function flashStartOf(mcu: string | null): number {
  return memoryOf(mcu).flash.start;
}

/** Whether a name is one of a pin of this MCU; of one that is not in the table, of any that is. */
export function isPin(text: string, mcu: string | null = null): boolean {
  const mcus = mcu !== null && isMcuName(mcu) ? [mcu] : mcuNames;
  return mcus.some((name) => mcuFacts[name].pin.test(text));
}

/** Whether a text can be what is printed on one of these MCUs. */
export function isMarking(text: string): boolean {
  return mcuNames.some((name) => mcuFacts[name].marking.test(text));
}

/** The first in full, of the others what is different. */
function listed([first = '', ...others]: readonly string[]): string {
  const short = others.map((label) => label.replace(/^STM32/, ''));
  return `${[first, ...short.slice(0, -1)].join(', ')} and ${short.at(-1) ?? ''}`;
}

/** An MCU as people call it: `STM32F446`; the name itself if it is not in the table. */
export function mcuLabel(mcu: string): string {
  return isMcuName(mcu) ? mcuFacts[mcu].label : mcu;
}
