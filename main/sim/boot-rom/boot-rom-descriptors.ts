import {
  configurationDescriptor,
  deviceDescriptor,
  endpointDescriptor,
  interfaceDescriptor,
  languagesDescriptor,
  stringDescriptor,
} from '../bus/descriptors.ts';
import type { DescriptorSet } from '../bus/usb-function.ts';

export type RpName = 'rp2040' | 'rp2350';

export const bootRomEndpoints = {
  driveIn: 0x81,
  driveOut: 0x02,
  picobootOut: 0x03,
  picobootIn: 0x84,
} as const;
export const driveInterface = 0;
export const picobootInterface = 1;
export const packetBytes = 64;

/** Revisions of chip and ROM ("B2"): every RP2040 of that stepping shows the same serial number. */
const rp2040Serial = 'E0C9125B0D9B';

/**
 * As the boot ROMs describe themselves (pico-bootrom-rp2040 ef22cd8, usb_boot_device.c; pico-bootrom-rp2350 451edbc,
 * nsboot_usb_client.c). Left out: the RP2350's Microsoft descriptors, by which Windows binds WinUSB.
 */
export function bootRomDescriptors(mcu: RpName, chipId: string): DescriptorSet {
  const bulk = (address: number): Uint8Array => endpointDescriptor(address, 2, packetBytes, 0);
  const { driveIn, driveOut, picobootIn, picobootOut } = bootRomEndpoints;
  const both = { bAlternateSetting: 0, bNumEndpoints: 2, iInterface: 0 };
  const isRp2040 = mcu === 'rp2040';
  const texts = ['Raspberry Pi', isRp2040 ? 'RP2 Boot' : 'RP2350 Boot', isRp2040 ? rp2040Serial : chipId];
  return {
    device: deviceDescriptor({
      bcdUSB: isRp2040 ? 0x0110 : 0x0210,
      bDeviceClass: 0,
      bMaxPacketSize0: packetBytes,
      idVendor: 0x2e8a,
      idProduct: isRp2040 ? 0x0003 : 0x000f,
      bcdDevice: 0x0100,
    }),
    configuration: configurationDescriptor({ bNumInterfaces: 2, bmAttributes: 0x80, bMaxPower: 0xfa }, [
      interfaceDescriptor({ ...both, bInterfaceNumber: driveInterface, triple: [0x08, 0x06, 0x50] }),
      bulk(driveIn),
      bulk(driveOut),
      interfaceDescriptor({ ...both, bInterfaceNumber: picobootInterface, triple: [0xff, 0, 0] }),
      bulk(picobootOut),
      bulk(picobootIn),
    ]),
    strings: new Map(
      [languagesDescriptor(), ...texts.map(stringDescriptor)].map((each, index) => [index, each]),
    ),
  };
}
