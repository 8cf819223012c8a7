import { Buffer } from 'node:buffer';
import {
  configurationDescriptor,
  deviceDescriptor,
  endpointDescriptor,
  interfaceDescriptor,
  languagesDescriptor,
  stringDescriptor,
} from '../bus/descriptors.ts';
import type { DescriptorSet } from '../bus/usb-function.ts';

/** OpenMoko's vendor id; Klipper, Katapult and candleLight have their product ids from it. */
export const openMokoVendor = 0x1d50;
/** Endpoints that Klipper and Katapult use on the OTG peripheral. */
export const bulkIn = 0x81;
export const bulkOut = 0x02;
export const notifyIn = 0x83;
export const packetBytes = 64;

/** The USB names of a firmware. */
export interface FirmwareNames {
  readonly manufacturer: string;
  readonly product: string;
  readonly serial: string;
}

/**
 * The names of Klipper's and Katapult's devices: the firmware, the MCU, and the chip's UID in 24 upper-case hex digits.
 */
export function firmwareNames(manufacturer: string, mcu: string, uid: Uint8Array): FirmwareNames {
  return { manufacturer, product: mcu, serial: Buffer.from(uid).toString('hex').toUpperCase() };
}

export function firmwareStrings({
  manufacturer,
  product,
  serial,
}: FirmwareNames): ReadonlyMap<number, Uint8Array> {
  return new Map([
    [0, languagesDescriptor()],
    [1, stringDescriptor(manufacturer)],
    [2, stringDescriptor(product)],
    [3, stringDescriptor(serial)],
  ]);
}

/** A CDC-ACM device as Klipper and Katapult describe themselves: control interface 0, data interface 1. */
export function cdcAcmDescriptors(
  productId: number,
  strings: ReadonlyMap<number, Uint8Array>,
): DescriptorSet {
  const control = interfaceDescriptor({
    bInterfaceNumber: 0,
    bAlternateSetting: 0,
    bNumEndpoints: 1,
    triple: [2, 2, 1],
    iInterface: 0,
  });
  const data = interfaceDescriptor({
    bInterfaceNumber: 1,
    bAlternateSetting: 0,
    bNumEndpoints: 2,
    triple: [0x0a, 0, 0],
    iInterface: 0,
  });
  // CDC 1.2, 5.2.3: header (version 1.10), abstract control management (line coding and break), union.
  const functional = [
    Uint8Array.of(5, 0x24, 0x00, 0x10, 0x01),
    Uint8Array.of(4, 0x24, 0x02, 0x06),
    Uint8Array.of(5, 0x24, 0x06, 0, 1),
  ];
  return {
    device: deviceDescriptor({
      bcdUSB: 0x0200,
      bDeviceClass: 2,
      bMaxPacketSize0: 16,
      idVendor: openMokoVendor,
      idProduct: productId,
      bcdDevice: 0x0100,
    }),
    configuration: configurationDescriptor({ bNumInterfaces: 2, bmAttributes: 0xc0, bMaxPower: 50 }, [
      control,
      ...functional,
      endpointDescriptor(notifyIn, 3, 8, 255),
      data,
      endpointDescriptor(bulkOut, 2, packetBytes, 0),
      endpointDescriptor(bulkIn, 2, packetBytes, 0),
    ]),
    strings,
  };
}
