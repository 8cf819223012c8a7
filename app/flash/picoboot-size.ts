import { rpFlash } from '../mcu/rp-memory.ts';
import { sameBytes } from './flash-bytes.ts';
import type { PicobootSession } from './picoboot-session.ts';

/** Two pages: that they differ from each other is what makes them recognisable. */
const patternBytes = 2 * rpFlash.pageBytes;
/** No smaller flash chip is sold on a board. */
const leastBytes = 256 * 1024;

/**
 * Bytes of flash, found as picotool finds them: addresses wrap around at the end of the chip, so the beginning shows
 * again there. Null if flash does not begin with something to recognise, as a blank one does not.
 */
export async function findFlashBytes(session: PicobootSession): Promise<number | null> {
  const pattern = await session.read(rpFlash.start, patternBytes);
  const [first, second] = [pattern.subarray(0, rpFlash.pageBytes), pattern.subarray(rpFlash.pageBytes)];
  if (sameBytes(first, second)) return null;
  let flashBytes = rpFlash.end - rpFlash.start;
  while (flashBytes > leastBytes) {
    const half = flashBytes / 2;
    if (!sameBytes(await session.read(rpFlash.start + half, patternBytes), pattern)) break;
    flashBytes = half;
  }
  return flashBytes;
}
