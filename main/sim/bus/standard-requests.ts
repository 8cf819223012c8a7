import { noBytes, UsbStall, type DescriptorSet, type SetupPacket } from './usb-function.ts';

const DEVICE = 1;
const CONFIGURATION = 2;
const STRING = 3;
const ENGLISH_US = 0x0409;

/** bRequest of the standard requests (USB 2.0, table 9-4). */
export const standardRequest = {
  getStatus: 0,
  clearFeature: 1,
  setFeature: 3,
  setAddress: 5,
  getDescriptor: 6,
  getConfiguration: 8,
  setConfiguration: 9,
  getInterface: 10,
  setInterface: 11,
} as const;

/** CLEAR_FEATURE(ENDPOINT_HALT) for an endpoint address (USB 2.0, 9.4.1). */
export function clearHaltSetup(endpoint: number): SetupPacket {
  return {
    bmRequestType: 0x02,
    bRequest: standardRequest.clearFeature,
    wValue: 0,
    wIndex: endpoint,
    wLength: 0,
  };
}

/** True for a request of type "standard", whatever its recipient. */
export function isStandard(setup: SetupPacket): boolean {
  return (setup.bmRequestType & 0x60) === 0;
}

/**
 * GET_DESCRIPTOR as small devices handle it: device and configuration, and strings in English only. Throws UsbStall for
 * any other descriptor.
 */
export function getDescriptor(descriptors: DescriptorSet, setup: SetupPacket): Uint8Array {
  const type = setup.wValue >> 8;
  const index = setup.wValue & 0xff;
  const found =
    type === DEVICE && index === 0
      ? descriptors.device
      : type === CONFIGURATION && index === 0
        ? descriptors.configuration
        : type === STRING && (index === 0 || setup.wIndex === ENGLISH_US)
          ? descriptors.strings.get(index)
          : undefined;
  if (found === undefined) throw new UsbStall(`no descriptor ${String(type)}/${String(index)}`);
  return found.slice(0, setup.wLength);
}

/** SET_CONFIGURATION(1) or (0), SET_ADDRESS: accepted, without effect here. */
export function acceptsWithoutEffect(setup: SetupPacket): boolean {
  if (setup.bmRequestType !== 0) return false;
  if (setup.bRequest === standardRequest.setAddress) return true;
  return setup.bRequest === standardRequest.setConfiguration && setup.wValue <= 1;
}

/**
 * The requests that the USB code of Klipper and Katapult handles: GET_DESCRIPTOR, SET_ADDRESS, SET_CONFIGURATION.
 * Throws UsbStall for every other standard request, as that firmware does.
 */
export function minimalStandardRequest(descriptors: DescriptorSet, setup: SetupPacket): Uint8Array {
  if (setup.bmRequestType === 0x80 && setup.bRequest === standardRequest.getDescriptor) {
    return getDescriptor(descriptors, setup);
  }
  if (acceptsWithoutEffect(setup)) return noBytes;
  throw new UsbStall(`standard request ${String(setup.bRequest)}`);
}
