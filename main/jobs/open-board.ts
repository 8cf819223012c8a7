import type { PlaceId } from '../../app/place.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import type { JobServices } from './job-services.ts';
import { untouchedIfRefused } from './untouched.ts';

type Services = Pick<JobServices, 'devices' | 'watch'>;

/** The USB device at a place; a refusal leaves the board `untouched`. Throws what `DeviceAccess.openUsb` throws. */
export async function openBoardUsb({ devices, watch }: Services, place: PlaceId): Promise<UsbLink> {
  return await untouchedIfRefused(devices.openUsb(watch.places.portOf(place)));
}

/** Its serial port. Throws what `DeviceAccess.openSerial` throws. */
export async function openBoardSerial({ devices, watch }: Services, place: PlaceId): Promise<ByteLink> {
  return await untouchedIfRefused(devices.openSerial(watch.places.portOf(place)));
}
