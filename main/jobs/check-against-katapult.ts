import { type PlaceId } from '../../app/place.ts';
import { readKatapultStatus } from '../../app/flash/katapult-connect.ts';
import type { BoardExpectation } from '../../app/image/board-expectation.ts';
import { checkImage } from '../../app/image/check-image.ts';
import type { LoadedImage } from './board-images.ts';
import type { JobServices } from './job-services.ts';
import { openBoardSerial } from './open-board.ts';

interface CheckOptions {
  readonly place: PlaceId;
  readonly image: LoadedImage;
  readonly board: BoardExpectation;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Checks an application against a board and against what the Katapult on the port reports; changes nothing. Throws
 * `image/…` and what `readKatapultStatus` and `openSerial` throw.
 */
export async function checkAgainstKatapult(services: JobServices, options: CheckOptions): Promise<void> {
  await using link = await openBoardSerial(services, options.place);
  const status = await readKatapultStatus(link, { clock: services.clock, signal: options.signal });
  checkImage(options.image.info, options.board, {
    through: 'katapult',
    by: 'katapult',
    applicationStart: status.applicationAddress,
    mcu: status.mcu,
  });
}
