/** Where flash begins on every STM32. */
export const flashStart = 0x08000000;

/** Flash of the largest STM32 is 2 MiB. */
export const flashEnd = flashStart + 0x200000;

/** The RAM in which both firmwares keep their data. */
export const ramStart = 0x20000000;
export const ramEnd = 0x20080000;

/** The flash offsets that Klipper's build offers for STM32 (src/stm32/Kconfig, "Bootloader offset"). */
export const applicationOffsets = [
  0, 0x800, 0x1000, 0x2000, 0x4000, 0x5000, 0x7000, 0x8000, 0x8800, 0x9000, 0xc000, 0x10000, 0x20000, 0x20200,
] as const;

/** Where Katapult's build lets an application start on STM32 (src/stm32/Kconfig, "Application start offset"). */
export const launchOffsets = [0x1000, 0x2000, 0x4000, 0x8000, 0x10000, 0x20000] as const;
