import { CanopusError } from '../../app/errors.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';
import type { NativeDevice } from './libusb.ts';

/** USB 2.0, 9.4.3. */
const getDescriptor = { bmRequestType: 0x80, bRequest: 6, wIndex: 0 } as const;
const descriptorTypes = { device: 1, configuration: 2 } as const;
const deviceDescriptorLength = 18;
const configurationHeaderLength = 9;
const timeoutMs = 2_000;

/**
 * The raw device descriptor and the whole active configuration. libusb's own parser hides the class-specific parts.
 * Throws what `controlIn` throws, and `link/protocol` for a device without a configuration.
 */
export async function readDescriptors(
  device: NativeDevice,
  controlIn: UsbLink['controlIn'],
): Promise<[device: Uint8Array, configuration: Uint8Array]> {
  const read = (type: number, index: number, length: number): Promise<Uint8Array> =>
    controlIn({ ...getDescriptor, wValue: (type << 8) | index }, length, { timeoutMs });
  const deviceDescriptor = await read(descriptorTypes.device, 0, deviceDescriptorLength);
  const { bNumConfigurations } = device.deviceDescriptor;
  // With one configuration, as on all supported boards, there is nothing to ask.
  const active = bNumConfigurations > 1 ? device.configDescriptor?.bConfigurationValue : undefined;
  for (let index = 0; index < bNumConfigurations; index += 1) {
    const header = await read(descriptorTypes.configuration, index, configurationHeaderLength);
    if (header.length < configurationHeaderLength) continue;
    if (active !== undefined && header[5] !== active) continue;
    const wTotalLength = new DataView(header.buffer).getUint16(2, true);
    return [deviceDescriptor, await read(descriptorTypes.configuration, index, wTotalLength)];
  }
  throw new CanopusError('link/protocol', 'The device sent no configuration descriptor.');
}
