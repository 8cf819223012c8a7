import type { McuName } from '../../app/mcu/mcu.ts';

/** The crystal of most boards with an MCU: for virtual boards and sample images that are not told another one. */
export function usualCrystalHz(mcu: McuName): number {
  if (mcu === 'stm32f446xx') return 12_000_000;
  return mcu.startsWith('stm32h7') ? 25_000_000 : 8_000_000;
}

/** The bootloader's share of flash on most boards with an MCU, in bytes. */
export function usualApplicationOffset(mcu: McuName): number {
  if (mcu.startsWith('stm32f4')) return 32 * 1024;
  if (mcu.startsWith('rp')) return 16 * 1024;
  return mcu.startsWith('stm32h7') ? 128 * 1024 : 8 * 1024;
}
