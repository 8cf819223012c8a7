/** USB vendor and product id. */
export type UsbIds = readonly [number, number];

/**
 * The ids of devices that may be mistaken for a board in DFU, or plugged in for one. Sources: GigaDevice GD32 and
 * Artery AT32 boot ROMs as listed by dfu-util users (KungFuFlash #125, gd32-dfu-utils #4, IronOS-dfu #36); Geehy APM32
 * by the Klipper toolhead guides; LeafLabs' Maple
 * bootloader, which STM32duino continues; the gs_usb driver of Linux.
 */
export const foreignIds = {
  'gd32-dfu': [0x28e9, 0x0189],
  'at32-dfu': [0x2e3c, 0xdf11],
  'apm32-dfu': [0x314b, 0x0106],
  'maple-boot': [0x1eaf, 0x0003],
  'can-adapter': [0x1d50, 0x606f],
} as const satisfies Readonly<Record<string, UsbIds>>;
