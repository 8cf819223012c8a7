/** STM32 families with the OTG USB peripheral; the others have the "USB FS device" one. */
export function hasOtgUsb(mcu: string): boolean {
  return /^stm32(f[247]|h7)/.test(mcu);
}

/**
 * F2 and F4: a few large sectors at known places, without an error correction code per word, so that a word written as
 * ff is still blank.
 */
export function hasKnownSectors(mcu: string): boolean {
  return /^stm32f[24]/.test(mcu);
}

export interface FlashSector {
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/** The F2 or F4 sector of an address, as Katapult counts them (src/stm32/flash.c), ignoring banks. */
export function sectorOf(address: number): FlashSector {
  if (address < 0x0801_0000) return aligned(address, 16 * 1024);
  if (address < 0x0802_0000) return aligned(address, 64 * 1024);
  return aligned(address, 128 * 1024);
}

function aligned(address: number, size: number): FlashSector {
  return { start: address - (address % size), size };
}
