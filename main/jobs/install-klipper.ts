import type { PortPath } from '../../app/boards/usb-device.ts';
import type { BoardExpectation } from '../../app/image/board-expectation.ts';
import { checkImage } from '../../app/image/check-image.ts';
import type { FlashEvent, FlashReport } from '../../app/flash/flash-event.ts';
import { readKatapultStatus } from '../../app/flash/katapult-connect.ts';
import { flashWithKatapult } from '../../app/flash/katapult-flasher.ts';
import { followRun } from '../../app/flash/follow-run.ts';
import type { LoadedImage } from './board-images.ts';
import type { JobServices } from './job-services.ts';
import { untouchedIfRefused } from './untouched.ts';

export interface InstallKlipperOptions {
  readonly portPath: PortPath;
  readonly image: LoadedImage;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent: (event: FlashEvent) => void;
}

/**
 * Checks an image against a board and against what the Katapult on the port says of itself; changes nothing.
 * Rejects with `image/…` and as `readKatapultStatus` and `openSerial` do.
 */
export async function checkAgainstKatapult(
  services: JobServices,
  options: Omit<InstallKlipperOptions, 'onEvent'> & { readonly board: BoardExpectation },
): Promise<void> {
  await using link = await untouchedIfRefused(services.devices.openSerial(options.portPath));
  const status = await readKatapultStatus(link, { clock: services.clock, signal: options.signal });
  checkImage(options.image.info, options.board, {
    through: 'katapult',
    by: 'katapult',
    applicationStart: status.applicationAddress,
    mcu: status.mcu,
  });
}

/**
 * Writes an application through the Katapult that runs on a port, reads it back and starts it. The image must have
 * been checked against the board; it is checked again here against what Katapult says of itself.
 * Rejects as `flashWithKatapult` and `openSerial` do.
 */
export async function installKlipper(
  services: JobServices,
  options: InstallKlipperOptions,
): Promise<FlashReport> {
  const { image, portPath, signal } = options;
  await using link = await untouchedIfRefused(services.devices.openSerial(portPath));
  const run = flashWithKatapult(link, image.bytes, {
    clock: services.clock,
    expectedMcu: image.info.mcu,
    applicationAddress: image.info.applicationAddress,
    signal,
  });
  return await followRun(run, options.onEvent);
}
