import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { chipUid, type BoardMode } from '../../app/boards/board-mode.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError } from '../../app/errors.ts';
import { requestBootloaderOverBridge } from '../../app/flash/katapult-entry.ts';
import type { JobServices } from './job-services.ts';

/**
 * Asks running Klipper firmware to restart into its bootloader: a bridge by an admin frame over its own USB interface,
 * serial firmware by 1200 baud. What comes back on the port is for the caller to wait for: Katapult, or ROM DFU where
 * there is no Katapult. Rejects with `katapult/not-entered` and as the links do.
 */
export async function enterKatapult(
  services: JobServices,
  device: UsbDevice,
  mode: Extract<BoardMode, 'can-bridge' | 'klipper-serial'>,
  signal?: AbortSignal,
): Promise<void> {
  const { portPath } = device;
  if (mode === 'klipper-serial') {
    await services.devices.requestBootloader(portPath);
    return;
  }
  const uid = chipUid(device);
  if (uid === null) {
    throw new CanopusError(
      'katapult/not-entered',
      `The bridge on port ${portPath} does not tell its chip UID, so it cannot be addressed.`,
      { portPath },
      { state: 'untouched' },
    );
  }
  await using link = await services.devices.openUsb(portPath);
  await requestBootloaderOverBridge(link, canbusUuid(uid), services.clock, signal);
}
