import { hex16 } from '../hex.ts';
import { isSharedRomSerial } from '../mcu/rom-serial.ts';
import { parseUid } from '../units.ts';
import { rpMcuOf } from './rp-ids.ts';
import type { UsbDevice } from './usb-device.ts';

/** What runs on a board of the kind that is flashed here. */
export const knownModes = ['dfu', 'bootsel', 'katapult', 'klipper-serial', 'can-bridge'] as const;

/** What runs on a board, as far as USB shows. `unknown` is any other device. */
export const boardModes = [...knownModes, 'unknown'] as const;
export type BoardMode = (typeof boardModes)[number];

/** The facts about a device that show its mode. */
export type UsbIdentity = Pick<
  UsbDevice,
  'vendorId' | 'productId' | 'manufacturer' | 'product' | 'serialNumber' | 'interfaces'
>;

const modesById: Readonly<Record<string, BoardMode>> = {
  '0483:df11': 'dfu',
  '2e8a:0003': 'bootsel',
  '2e8a:000f': 'bootsel',
  '1d50:6177': 'katapult',
  '1d50:614e': 'klipper-serial',
  '1d50:606f': 'can-bridge',
};

/** The names of MCUs in Klipper and Katapult, which are also their USB product strings. */
const mcuName = /^(stm32[a-z0-9]{4,8}|n32g\w+|hc32f\w+|rp20\d\d|rp23\d\d|sam\w+|lpc17\d\d)$/;

/** Manufacturers of such bridges: Klipper, and Kalico, whose default is still "Klipper". */
const bridgeMakers = /^(klipper|kalico)$/i;

/** Manufacturers and products of adapters with the bridge's USB ids. */
const adapterNames = /bytewerk|candle|canable|cantact|gs_usb|schneider|can adapter/i;

/** One vendor-specific interface; candleLight's adapters have a second one, for their firmware update. */
const bridgeInterfaces = 'ff/ff/ff';

/**
 * The mode of a device by its USB ids. `1d50:606f` belongs to every gs_usb adapter, candleLight ones above all: see
 * `isKlipperBridge`.
 *
 * Source: the USB ids of Klipper and Katapult's builds; AN2606 and Raspberry Pi's boot ROMs (pico-bootrom-rp2040,
 * picotool) for the ROMs; the gs_usb driver of Linux.
 */
export function boardMode(device: UsbIdentity): BoardMode {
  const mode = modesById[`${hex16(device.vendorId)}:${hex16(device.productId)}`] ?? 'unknown';
  return mode === 'can-bridge' && !isKlipperBridge(device) ? 'unknown' : mode;
}

/**
 * Whether a gs_usb device is a Klipper bridge. A build sets manufacturer and product (Kalico and other forks let people
 * change them), so the interfaces count too. A device without readable strings counts as one: Windows reads no strings
 * of a bridge without a driver, while candleLight's adapters bring their own (MS OS descriptors).
 */
function isKlipperBridge({ manufacturer, product, interfaces }: UsbIdentity): boolean {
  if (manufacturer !== null && bridgeMakers.test(manufacturer)) return true;
  if (adapterNames.test(`${manufacturer ?? ''} ${product ?? ''}`)) return false;
  if (interfaces !== null) return interfaces.join() === bridgeInterfaces;
  return product === null ? manufacturer === null : mcuName.test(product);
}

/**
 * The chip's unique id in upper-case hex, if the serial number is the UID: in Katapult and Klipper, and in the boot ROM of
 * an RP2350; never in DFU (F446 parts all report the same string there) nor in the ROM of an RP2040, where it is the same
 * on all. Null for a firmware built with another serial number.
 */
export function chipUid(device: UsbIdentity): string | null {
  const mode = boardMode(device);
  if (mode === 'dfu' || mode === 'unknown') return null;
  if (mode === 'bootsel' && rpMcuOf(device.vendorId, device.productId) !== 'rp2350') return null;
  return knownUid(device.serialNumber);
}

/** A UID that a chip reported, or null. An erased or blank one (all one digit) identifies nothing and is null, too. */
export function knownUid(text: string | null): string | null {
  return text === null || /^(.)\1*$/.test(text) ? null : parseUid(text);
}

/** The MCU that the firmware names as its product, or whose boot ROM it is; null in DFU and for other devices. */
export function deviceMcu(device: UsbIdentity): string | null {
  const mode = boardMode(device);
  if (mode === 'bootsel') return rpMcuOf(device.vendorId, device.productId);
  const isNamed =
    mode !== 'dfu' && mode !== 'unknown' && device.product !== null && mcuName.test(device.product);
  return isNamed ? device.product : null;
}

/**
 * Whether a serial number of the ROM bootloader can belong to the chip with this UID; null if it says nothing (all
 * parts of F446, F0 and H743 show one and the same). Lossy: a match proves no identity, a mismatch proves a difference.
 *
 * F405 and F407 report hex8(word0 + word2) + hex4(word1 >> 16) of the UID's three little-endian words (seen in public
 * logs of real parts).
 */
export function dfuSerialFits(dfuSerial: string | null, uid: string): boolean | null {
  if (dfuSerial === null || !/^[0-9a-f]{12}$/i.test(dfuSerial) || isSharedRomSerial(dfuSerial)) return null;
  const [word0, word1, word2] = [0, 8, 16].map((at) => littleEndian(uid.slice(at, at + 8)));
  const sum = (((word0 ?? 0) + (word2 ?? 0)) >>> 0).toString(16).padStart(8, '0');
  const tail = ((word1 ?? 0) >>> 16).toString(16).padStart(4, '0');
  return dfuSerial.toLowerCase() === sum + tail;
}

function littleEndian(hex: string): number {
  return Number.parseInt((hex.match(/../g) ?? []).reverse().join(''), 16);
}

/** Whether a board in this mode uses a serial port, which appears a little later than the device. */
export function needsTty(mode: BoardMode): boolean {
  return mode === 'katapult' || mode === 'klipper-serial';
}
