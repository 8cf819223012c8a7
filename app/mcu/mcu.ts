import type { McuFacts } from './mcu-facts.ts';
import { stm32f405 } from './stm32f405.ts';
import { stm32f407 } from './stm32f407.ts';
import { stm32f429 } from './stm32f429.ts';
import { stm32f446 } from './stm32f446.ts';

/** The MCUs that this station flashes, by their names in Katapult and Klipper. */
export const mcuNames = ['stm32f405xx', 'stm32f407xx', 'stm32f429xx', 'stm32f446xx'] as const;

export type McuName = (typeof mcuNames)[number];

export const mcuFacts: Readonly<Record<McuName, McuFacts>> = {
  stm32f405xx: stm32f405,
  stm32f407xx: stm32f407,
  stm32f429xx: stm32f429,
  stm32f446xx: stm32f446,
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

/** An MCU as people call it: `STM32F446`; the name itself if it is not in the table. */
export function mcuLabel(mcu: string): string {
  return isMcuName(mcu) ? mcuFacts[mcu].label : mcu;
}
