import { uniformTiming } from './flash-timing.ts';
import type { McuFacts, Sector } from './mcu-facts.ts';
import { rpKconfig } from './rp-kconfig.ts';
import { rpApplicationOffset, rpFlash, rpMemory } from './rp-memory.ts';

type Shared =
  | 'memory'
  | 'applicationOffsets'
  | 'flashKiBByCode'
  | 'sectorLayouts'
  | 'programming'
  | 'timing'
  | 'katapultNeedsBlankSectors'
  | 'clock'
  | 'kconfig'
  | 'can'
  | 'uidAddress'
  | 'flashSizeAddress'
  | 'romDfu';

/** The sizes of flash chips beside these MCUs, by the number in their names: W25Q16 has 16 Mbit. */
const flashKiBByCode = { '16': 2048, '32': 4096, '64': 8192, '128': 16_384 };

/**
 * What RP2040 and RP2350 have in common: flash in a chip of its own, a crystal of 12 MHz on every board, CAN by a PIO
 * program (can2040) on any pin, a boot ROM that speaks PICOBOOT and not DFU (datasheets, 2.8 and 5). An RP2040's unique
 * id is its flash chip's, an RP2350's is in its OTP memory: neither is at an address.
 */
export const rp: Pick<McuFacts, Shared> = {
  memory: rpMemory,
  applicationOffsets: { katapult: [rpApplicationOffset], klipper: [0, rpApplicationOffset] },
  flashKiBByCode,
  sectorLayouts: (flashKiB) =>
    Object.values(flashKiBByCode).includes(flashKiB) ? [sectorsOfRp(flashKiB)] : [],
  programming: { unitBytes: 1, once: false },
  // Data sheets of W25Q16 and W25Q32: 4 KiB 45 ms, 256 bytes 0.4 to 0.8 ms.
  timing: uniformTiming(45, 10_000, 256, 600),
  katapultNeedsBlankSectors: false,
  clock: null,
  kconfig: rpKconfig,
  can: { controller: 'pio', registers: [], clockHz: (cpuHz) => cpuHz, pins: null, noBridge: null },
  uidAddress: null,
  flashSizeAddress: null,
  romDfu: null,
};

/** Sectors of 4 KiB. */
function sectorsOfRp(flashKiB: number): readonly Sector[] {
  const { start, sectorBytes } = rpFlash;
  return Array.from({ length: (flashKiB * 1024) / sectorBytes }, (_, index) => ({
    address: start + index * sectorBytes,
    size: sectorBytes,
  }));
}
