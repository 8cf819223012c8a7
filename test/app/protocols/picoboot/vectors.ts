/**
 * Commands with token 7 and a status, as `struct picoboot_cmd` and `struct picoboot_cmd_status` lie in memory: printed by
 * a program that was compiled with pico-sdk's boot/picoboot.h (commit a1438dff).
 */
export const picobootVectors = {
  exclusive: '0bd11f4307000000010100000000000001000000000000000000000000000000',
  exitXip: '0bd11f4307000000060000000000000000000000000000000000000000000000',
  erase: '0bd11f4307000000030800000000000000400010002000000000000000000000',
  write: '0bd11f4307000000050800000010000000400010001000000000000000000000',
  read: '0bd11f4307000000840800000002000000008010000200000000000000000000',
  reboot: '0bd11f4307000000020c0000000000000000000000000000f401000000000000',
  reboot2: '0bd11f43070000000a1000000000000000000000f40100000000000000000000',
  chipInfo: '0bd11f43070000008b1000001400000001000000010000000000000000000000',
  status: '07000000050000000301000000000000',
} as const;

/** An RP2040's configuration descriptor in its boot ROM (pico-bootrom-rp2040 bootrom/usb_boot_device.c). */
export const bootRomConfiguration = Uint8Array.of(
  ...[9, 2, 55, 0, 2, 1, 0, 0x80, 0xfa],
  ...[9, 4, 0, 0, 2, 8, 6, 0x50, 0],
  ...[7, 5, 0x81, 2, 64, 0, 0],
  ...[7, 5, 0x02, 2, 64, 0, 0],
  ...[9, 4, 1, 0, 2, 0xff, 0, 0, 0],
  ...[7, 5, 0x03, 2, 64, 0, 0],
  ...[7, 5, 0x84, 2, 64, 0, 0],
);

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
