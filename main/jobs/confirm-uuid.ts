import type { CanbusUuidSource } from '../../app/boards/canbus-uuid-source.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { toCanopusError } from '../../app/errors.ts';
import { queryKlipperNodes } from '../../app/flash/bridge-node.ts';
import { uuidSourceOf } from '../../app/image/uuid-source.ts';
import type { LoadedImage } from './board-images.ts';
import type { JobServices } from './job-services.ts';

interface KnownUuid {
  readonly canbusUuid: string;
  readonly canbusUuidSource: CanbusUuidSource;
}

/** The source of the UUID that follows from the chip, as long as the bus was not asked. */
export function sourceOf(image: LoadedImage): CanbusUuidSource {
  return uuidSourceOf(image) === 'chip' ? 'confirmed' : 'computed';
}

/**
 * The UUID of a bridge that was just written: for Klipper it follows from the chip; for a fork the bridge is asked, if
 * it can be opened and is alone on its bus or reports the computed one.
 */
export async function confirmUuid(
  services: JobServices,
  device: UsbDevice,
  computed: string,
  image: LoadedImage,
  signal?: AbortSignal,
): Promise<KnownUuid> {
  const unasked: KnownUuid = { canbusUuid: computed, canbusUuidSource: sourceOf(image) };
  if (unasked.canbusUuidSource === 'confirmed' || !device.access.ok) return unasked;
  try {
    await using link = await services.devices.openUsb(device.portPath);
    const uuids = await queryKlipperNodes(link, services.clock, signal);
    if (uuids.includes(computed)) return { canbusUuid: computed, canbusUuidSource: 'confirmed' };
    const [only] = uuids;
    return only !== undefined && uuids.length === 1
      ? { canbusUuid: only, canbusUuidSource: 'confirmed' }
      : unasked;
  } catch (error) {
    // The board is done; a failure to ask it only leaves the UUID unconfirmed.
    if (!toCanopusError(error).code.startsWith('link/')) throw error;
    return unasked;
  }
}
