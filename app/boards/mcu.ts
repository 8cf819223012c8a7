/** The MCUs that this station flashes, by the name that Katapult and Klipper give them. */
export const mcuNames = ['stm32f405xx', 'stm32f407xx', 'stm32f429xx', 'stm32f446xx'] as const;

export type McuName = (typeof mcuNames)[number];

export interface McuFacts {
  /** As people and shops write it: `STM32F446`. */
  readonly label: string;
  /** The CPU clock that Klipper and Katapult set up. */
  readonly clockHz: number;
  /** Main RAM from 0x20000000 on that one stack may lie in (without CCM). */
  readonly ramKiB: number;
  /** Largest flash that the part is sold with. */
  readonly maxFlashKiB: number;
  /** Words in the vector table, the 16 of the core included. */
  readonly vectorCount: number;
}

/**
 * Sources: RM0090 rev 19 (F405/F407/F429) and RM0390 rev 6 (F446): "Memory organization", "Embedded Flash memory",
 * vector tables; clocks as in the `CLOCK_FREQ` constants of Klipper's published dictionaries.
 */
export const mcuFacts: Readonly<Record<McuName, McuFacts>> = {
  stm32f405xx: { label: 'STM32F405', clockHz: 168_000_000, ramKiB: 128, maxFlashKiB: 1024, vectorCount: 98 },
  stm32f407xx: { label: 'STM32F407', clockHz: 168_000_000, ramKiB: 128, maxFlashKiB: 1024, vectorCount: 98 },
  stm32f429xx: { label: 'STM32F429', clockHz: 168_000_000, ramKiB: 192, maxFlashKiB: 2048, vectorCount: 107 },
  stm32f446xx: { label: 'STM32F446', clockHz: 180_000_000, ramKiB: 128, maxFlashKiB: 512, vectorCount: 113 },
};

/** True for a name in `mcuNames`. */
export function isMcuName(name: string): name is McuName {
  return (mcuNames as readonly string[]).includes(name);
}

/** Where flash begins on every STM32. */
export const flashStart = 0x08000000;
