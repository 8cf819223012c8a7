import { chipNames } from '../../app/boards/chip-identity.ts';
import { chipUid, type BoardMode } from '../../app/boards/board-mode.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { queryKlipperNodes } from '../../app/flash/bridge-node.ts';
import { requestBootloaderOverBridge } from '../../app/flash/katapult-entry.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import type { JobServices } from './job-services.ts';

type KlipperMode = Extract<BoardMode, 'can-bridge' | 'klipper-serial'>;

/**
 * Asks running Klipper firmware to restart into its bootloader: a bridge by an admin frame over its own USB interface,
 * serial firmware by 1200 baud. The caller waits for what comes back on the port: Katapult, or ROM DFU if there is no
 * Katapult. Throws `katapult/not-entered` and as the links do; `link/no-driver` for a bridge that Windows cannot open.
 */
export async function enterKatapult(
  services: JobServices,
  device: UsbDevice,
  mode: KlipperMode,
  signal?: AbortSignal,
): Promise<void> {
  const { portPath } = device;
  if (mode === 'klipper-serial') {
    await services.devices.requestBootloader(portPath);
    return;
  }
  const { canbusUuid: computed } = chipNames(chipUid(device));
  await using link = await services.devices.openUsb(portPath);
  if (computed === null) {
    await askOnlyNode(services, link, null, signal);
    return;
  }
  try {
    await requestBootloaderOverBridge(link, computed, services.clock, signal);
  } catch (error) {
    if (!isCanopusError(error, 'katapult/not-entered')) throw error;
    // Kalico can be built with a UUID that is independent of the chip.
    await askOnlyNode(services, link, computed, signal);
  }
}

/** Asks the bridge by the UUID that it reports itself, if it is alone on its bus. */
async function askOnlyNode(
  { clock }: JobServices,
  link: UsbLink,
  tried: string | null,
  signal: AbortSignal | undefined,
): Promise<void> {
  const uuids = await queryKlipperNodes(link, clock, signal);
  const [only] = uuids;
  if (only !== undefined && uuids.length === 1 && only !== tried) {
    await requestBootloaderOverBridge(link, only, clock, signal);
    return;
  }
  const why =
    tried === null
      ? `does not report its chip UID, and ${uuids.length} nodes on its bus report UUIDs`
      : `was asked for its bootloader as ${tried} and stayed`;
  throw new CanopusError(
    'katapult/not-entered',
    `The bridge on ${link.label} ${why}.`,
    { tried, uuids: [...uuids] },
    { state: 'untouched' },
  );
}
