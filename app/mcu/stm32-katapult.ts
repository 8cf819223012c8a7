import { rpFlash } from './rp-memory.ts';

/** STM32 families with the OTG USB peripheral; the others have the "USB FS device" one. */
export function hasOtgUsb(mcu: string): boolean {
  return /^stm32(f[247]|h7)/.test(mcu);
}

/**
 * F2 and F4: a few large sectors at known places, without an error correction code per word, so that a word written as
 * ff is still blank. RP2040 and RP2350: sectors of 4 KiB.
 */
export function hasKnownSectors(mcu: string): boolean {
  return /^stm32f[24]/.test(mcu) || writesWholePages(mcu);
}

/**
 * RP2040 and RP2350: Katapult collects blocks in a page of 256 bytes in RAM, and writes it when a block of another page
 * comes, or at EOF; a page that begins a sector erases the sector first (Katapult, src/rp2040/flash.c). So an
 * acknowledged block proves nothing, and one that is sent again loses the others of its page.
 */
export function writesWholePages(mcu: string): boolean {
  return /^rp2[03]\d0$/.test(mcu);
}

export interface FlashSector {
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * The sector of an address as Katapult counts them: of an F2 or F4 (src/stm32/flash.c), ignoring banks, or of an RP2040
 * or RP2350, whose flash is elsewhere.
 */
export function sectorOf(address: number): FlashSector {
  if (address >= rpFlash.start) return aligned(address, rpFlash.sectorBytes);
  if (address < 0x0801_0000) return aligned(address, 16 * 1024);
  if (address < 0x0802_0000) return aligned(address, 64 * 1024);
  return aligned(address, 128 * 1024);
}

function aligned(address: number, size: number): FlashSector {
  return { start: address - (address % size), size };
}
