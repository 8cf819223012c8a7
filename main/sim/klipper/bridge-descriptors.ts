import {
  configurationDescriptor,
  deviceDescriptor,
  endpointDescriptor,
  interfaceDescriptor,
} from '../bus/descriptors.ts';
import type { DescriptorSet } from '../bus/usb-function.ts';
import {
  bulkIn,
  bulkOut,
  firmwareStrings,
  openMokoVendor,
  packetBytes,
  type FirmwareNames,
} from '../cdc/cdc-descriptors.ts';

/** Klipper's bridge: 1d50:606f, one vendor interface with a bulk endpoint each way, with the configured names. */
export function bridgeDescriptors(names: FirmwareNames): DescriptorSet {
  return {
    device: deviceDescriptor({
      bcdUSB: 0x0200,
      bDeviceClass: 0,
      bMaxPacketSize0: 16,
      idVendor: openMokoVendor,
      idProduct: 0x606f,
      bcdDevice: 0,
    }),
    configuration: configurationDescriptor({ bNumInterfaces: 1, bmAttributes: 0xc0, bMaxPower: 50 }, [
      interfaceDescriptor({
        bInterfaceNumber: 0,
        bAlternateSetting: 0,
        bNumEndpoints: 2,
        triple: [0xff, 0xff, 0xff],
        iInterface: 0,
      }),
      endpointDescriptor(bulkOut, 2, packetBytes, 0),
      endpointDescriptor(bulkIn, 2, packetBytes, 0),
    ]),
    strings: firmwareStrings(names),
  };
}
