import type { MemoryMap } from './memory-map.ts';

/**
 * The flash chip beside an RP2040 or RP2350, where the CPU sees it (RP2040 datasheet, 2.2; RP2350 datasheet, 2.2): 16 MiB
 * at most, erased in sectors of 4 KiB and programmed in pages of 256 bytes, as both boot ROMs do it.
 */
export const rpFlash = { start: 0x10000000, end: 0x11000000, sectorBytes: 4096, pageBytes: 256 } as const;

/** Where RAM begins and how much of it there is (the same chapters). */
export const rpRam = { start: 0x20000000, bytes: { rp2040: 264 * 1024, rp2350: 520 * 1024 } } as const;

/** From the start of flash: where every Katapult for these chips starts its application (Katapult `src/rp2040/Kconfig`). */
export const rpApplicationOffset = 0x4000;

/**
 * An RP2040's image for the start of flash begins with 256 bytes for its boot ROM. Both firmwares copy their vector table
 * to the start of RAM and most of their code behind it (`src/rp2040/rpxxxx_link.lds.S`).
 */
export const rpMemory: MemoryMap = {
  flash: { start: rpFlash.start, end: rpFlash.end },
  ram: [{ start: rpRam.start, end: rpRam.start + rpRam.bytes.rp2350 }],
  vectorBytesInRam: 4 * 68,
  vectorTableOffsets: [0, 0x100],
  applicationOffsets: { katapult: [rpApplicationOffset], klipper: [0, rpApplicationOffset] },
};
