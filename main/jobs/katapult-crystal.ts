import { type PlaceId } from '../../app/place.ts';
import { readOwnImage } from '../../app/flash/katapult-own-image.ts';
import type { JobServices } from './job-services.ts';
import { openBoardSerial } from './open-board.ts';

/**
 * The crystal that the Katapult on a port is built for; null if unknown. As it shows on USB, the board has that
 * crystal. Throws as `readOwnImage` and `openSerial` do.
 */
export async function crystalOfKatapult(
  services: JobServices,
  place: PlaceId,
  signal?: AbortSignal,
): Promise<number | null> {
  await using link = await openBoardSerial(services, place);
  const image = await readOwnImage(link, { clock: services.clock, signal });
  // 0: the internal oscillator, which is not a crystal.
  return image?.crystalHz || null;
}
