import { mcuFacts, type McuName } from '../../../app/mcu/mcu.ts';
import { configurationDescriptor, deviceDescriptor, interfaceDescriptor } from '../bus/descriptors.ts';
import type { DescriptorSet } from '../bus/usb-function.ts';
import { romTransferSize } from './rom-kind.ts';
import { firstInterfaceString, type RomStrings } from './rom-strings.ts';

/**
 * DFU functional descriptor (DFU 1.1, table 4.2): 0x0b = can download, can upload, will detach; 255 ms detach time-out;
 * version 1.1a.
 */
function functionalDescriptor(transferSize: number): Uint8Array {
  return Uint8Array.of(9, 0x21, 0x0b, 255, 0, transferSize & 0xff, transferSize >> 8, 0x1a, 0x01);
}

/** The descriptors of the ROM bootloader: one interface with one alternate setting per memory, no endpoints. */
export function romDescriptors(mcu: McuName, { memories, strings }: RomStrings): DescriptorSet {
  const alternates = memories.map((_, index) =>
    interfaceDescriptor({
      bInterfaceNumber: 0,
      bAlternateSetting: index,
      bNumEndpoints: 0,
      triple: [0xfe, 1, 2],
      iInterface: firstInterfaceString + index,
    }),
  );
  return {
    device: deviceDescriptor({
      bcdUSB: 0x0100,
      bDeviceClass: 0,
      bMaxPacketSize0: 64,
      idVendor: 0x0483,
      idProduct: 0xdf11,
      bcdDevice: mcuFacts[mcu].romDfu?.bcdDevice ?? 0,
    }),
    configuration: configurationDescriptor({ bNumInterfaces: 1, bmAttributes: 0xc0, bMaxPower: 50 }, [
      ...alternates,
      functionalDescriptor(romTransferSize(mcu)),
    ]),
    strings,
  };
}
