import type { CanbusUuidSource } from '../../app/boards/canbus-uuid-source.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { toCanopusError } from '../../app/errors.ts';
import { queryKlipperNodes } from '../../app/flash/bridge-node.ts';
import { uuidSourceOf } from '../../app/image/uuid-source.ts';
import type { LoadedImage } from './board-images.ts';
import type { JobServices } from './job-services.ts';

export interface KnownUuid {
  readonly canbusUuid: string;
  readonly canbusUuidSource: CanbusUuidSource;
}

/** Where the UUID that follows from the chip is known from, as long as the bus was not asked. */
export function sourceOf(image: LoadedImage): CanbusUuidSource {
  return uuidSourceOf(image) === 'chip' ? 'confirmed' : 'computed';
}

/**
 * The UUID of a bridge that was just written: of Klipper it follows from the chip, of a fork the bridge is asked, where it
 * can be opened and is alone on its bus or names the computed one.
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
    // The board is done; that it cannot be asked changes nothing but what is known of it.
    if (!toCanopusError(error).code.startsWith('link/')) throw error;
    return unasked;
  }
}
