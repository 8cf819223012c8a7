/**
 * How many bits the flash programs at a time: 8, 16 or 32. Firmware sets it according to the supply voltage. Katapult
 * uses 32. The ROM bootloader starts with 8 and can be configured (ST AN2606, "voltage range").
 */
export type Parallelism = 8 | 16 | 32;

/** Typical milliseconds to erase a sector, by its size in KiB (F4 datasheets, "Flash memory programming"). */
const eraseMs: Readonly<Record<Parallelism, Readonly<Record<number, number>>>> = {
  8: { 16: 400, 64: 1200, 128: 2000 },
  16: { 16: 300, 64: 700, 128: 1300 },
  32: { 16: 250, 64: 550, 128: 1000 },
};
const massEraseMsPerMiB: Readonly<Record<Parallelism, number>> = { 8: 16_000, 16: 11_000, 32: 8_000 };
/** One programming operation, whatever its width. */
const programUs = 16;

export function sectorEraseMs(bytes: number, parallelism: Parallelism): number {
  return eraseMs[parallelism][bytes / 1024] ?? 0;
}

export function massEraseMs(flashBytes: number, parallelism: Parallelism): number {
  return (massEraseMsPerMiB[parallelism] * flashBytes) / (1024 * 1024);
}

export function programMs(bytes: number, parallelism: Parallelism): number {
  return (Math.ceil(bytes / (parallelism / 8)) * programUs) / 1000;
}
