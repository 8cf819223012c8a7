import type { FlashTiming, Parallelism } from './flash-timing.ts';

/** By the size of the sector in KiB (F4 data sheets, "Flash memory programming"). */
const eraseMs: Readonly<Record<Parallelism, Readonly<Record<number, number>>>> = {
  8: { 16: 400, 64: 1200, 128: 2000 },
  16: { 16: 300, 64: 700, 128: 1300 },
  32: { 16: 250, 64: 550, 128: 1000 },
};
const massEraseMsPerMiB: Readonly<Record<Parallelism, number>> = { 8: 16_000, 16: 11_000, 32: 8_000 };
/** One programming operation, whatever its width. */
const programUs = 16;

export const stm32f4Timing: FlashTiming = {
  eraseMs: (bytes, parallelism) => eraseMs[parallelism][bytes / 1024] ?? 0,
  massEraseMs: (flashBytes, parallelism) => (massEraseMsPerMiB[parallelism] * flashBytes) / (1024 * 1024),
  programMs: (bytes, parallelism) => (Math.ceil(bytes / (parallelism / 8)) * programUs) / 1000,
};
