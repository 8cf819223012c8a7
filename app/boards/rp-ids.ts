import type { RpMcu } from '../mcu/rp-boot.ts';

/** USB vendor and product ids of the boot ROMs (pico-bootrom-rp2040, usb_boot_device.h; picotool for the RP2350). */
const bootRomIds = { rp2040: [0x2e8a, 0x0003], rp2350: [0x2e8a, 0x000f] } as const;

/** The chip whose boot ROM has these USB ids; null for any other device. */
export function rpMcuOf(vendorId: number, productId: number): RpMcu | null {
  const is = ([vendor, product]: readonly [number, number]): boolean =>
    vendor === vendorId && product === productId;
  if (is(bootRomIds.rp2040)) return 'rp2040';
  return is(bootRomIds.rp2350) ? 'rp2350' : null;
}
