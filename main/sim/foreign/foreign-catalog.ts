import { foreignIds } from '../../../app/boards/foreign-ids.ts';
import {
  configurationDescriptor,
  deviceDescriptor,
  interfaceDescriptor,
  languagesDescriptor,
  stringDescriptor,
} from '../bus/descriptors.ts';
import type { DescriptorSet } from '../bus/usb-function.ts';

/** Other devices that people plug in beside their boards. */
export const foreignNames = [
  'gd32-dfu',
  'at32-dfu',
  'apm32-dfu',
  'maple-boot',
  'other-dfu',
  'candlelight',
  'mouse',
] as const;
export type ForeignName = (typeof foreignNames)[number];

type Triple = readonly [number, number, number];
const dfu: Triple = [0xfe, 1, 2];

interface Description {
  readonly ids: readonly [number, number];
  /** Manufacturer, product, serial number. */
  readonly strings: readonly [string, string, string];
  /** One per interface. */
  readonly interfaces: readonly Triple[];
}

/**
 * As dfu-util, lsusb and picotool list them: GD32 and AT32 in the issues that `foreign-ids.ts` names; RP2040 by its
 * bootrom's sources (usb_boot_device.c), whose serial number is the same on every chip of a stepping; candleLight by its
 * firmware, gs_usb with a DFU interface beside it.
 */
const descriptions: Readonly<Record<ForeignName, Description>> = {
  'gd32-dfu': { ids: foreignIds['gd32-dfu'], strings: ['GigaDevice', 'GD32 DFU', '3CI'], interfaces: [dfu] },
  'at32-dfu': {
    ids: foreignIds['at32-dfu'],
    strings: ['Artery', 'AT32 Bootloader DFU', 'AT32'],
    interfaces: [dfu],
  },
  'apm32-dfu': {
    ids: foreignIds['apm32-dfu'],
    strings: ['Geehy', 'APM32 DFU', '00000001'],
    interfaces: [dfu],
  },
  'maple-boot': {
    ids: foreignIds['maple-boot'],
    strings: ['LeafLabs', 'Maple 003', 'LLM 003'],
    interfaces: [dfu],
  },
  'other-dfu': { ids: [0x03eb, 0x2ff4], strings: ['ATMEL', 'DFU', '1.0.0'], interfaces: [dfu] },
  candlelight: {
    ...{
      ids: foreignIds['can-adapter'],
      strings: ['bytewerk', 'candleLight USB to CAN adapter', '0012003A4B4E501020'],
    },
    interfaces: [
      [0xff, 0xff, 0xff],
      [0xfe, 1, 1],
    ],
  },
  mouse: { ids: [0x046d, 0xc077], strings: ['Logitech', 'USB Optical Mouse', ''], interfaces: [[3, 1, 2]] },
};

export function foreignDescriptors(name: ForeignName): DescriptorSet {
  const { ids, strings, interfaces } = descriptions[name];
  const [idVendor, idProduct] = ids;
  return {
    device: deviceDescriptor({
      ...{ bcdUSB: 0x0110, bDeviceClass: 0, bMaxPacketSize0: 64, bcdDevice: 0x0100 },
      ...{ idVendor, idProduct },
    }),
    configuration: configurationDescriptor(
      { bNumInterfaces: interfaces.length, bmAttributes: 0x80, bMaxPower: 50 },
      interfaces.map((triple, bInterfaceNumber) =>
        interfaceDescriptor({
          bInterfaceNumber,
          bAlternateSetting: 0,
          bNumEndpoints: 0,
          triple,
          iInterface: 0,
        }),
      ),
    ),
    strings: new Map([
      [0, languagesDescriptor()],
      ...strings.map((text, index) => [index + 1, stringDescriptor(text)] as const),
    ]),
  };
}
