import { isMcuName, mcuFacts, type McuName } from '../mcu/mcu.ts';
import { findBitrate } from './bit-timing.ts';
import { isRecord } from './dictionary.ts';
import type { CanRole, ImageDescription } from './image-info.ts';
import { findCrystal } from './find-crystal.ts';
import { hasUsbDescriptor } from './katapult-image.ts';

/**
 * What a Klipper image states about itself, beyond what any image states. Constants of the dictionary: Klipper
 * documentation, Protocol.md; named as in its `DECL_CONSTANT`s.
 */
export function describeKlipper(
  dictionary: Readonly<Record<string, unknown>>,
  bytes: Uint8Array,
  words: Uint32Array,
  base: ImageDescription,
): ImageDescription {
  const config = isRecord(dictionary['config']) ? dictionary['config'] : {};
  const mcu = klipperMcu(dictionary);
  const known = mcu !== null && isMcuName(mcu) ? mcu : null;
  const clockHz = numberOrNull(config['CLOCK_FREQ']);
  return {
    ...base,
    kind: 'klipper',
    mcu,
    version: stringOrNull(dictionary['version']),
    usb: 'RESERVE_PINS_USB' in config || (!namesUsbPins(known) && talksUsb(config, bytes)),
    can: readCanRole(config, known === null || clockHz === null ? null : findBitrate(words, known, clockHz)),
    clockHz,
    crystalHz: known === null ? null : findCrystal(words, known),
    dictionary,
  };
}

/** Whether dictionaries for an MCU name the pins of USB; they are no choice on an RP2040 or RP2350. */
function namesUsbPins(mcu: McuName | null): boolean {
  return mcu === null || mcuFacts[mcu].can.controller !== 'pio';
}

function talksUsb(config: Readonly<Record<string, unknown>>, bytes: Uint8Array): boolean {
  return config['CANBUS_BRIDGE'] === 1 || hasUsbDescriptor(bytes);
}

/** The MCU that a dictionary is for: `stm32f446xx`. */
export function klipperMcu(dictionary: Readonly<Record<string, unknown>>): string | null {
  return isRecord(dictionary['config']) ? stringOrNull(dictionary['config']['MCU']) : null;
}

function readCanRole(config: Readonly<Record<string, unknown>>, timedBitrateBps: number | null): CanRole {
  const pins = readPins(config['RESERVE_PINS_CAN']);
  // From 790ff4d8d to 751bff7d3 (v0.10.0-503 to -539) a bridge does not state it; no other build has both pairs of
  // pins.
  const hasBoth = pins !== null && 'RESERVE_PINS_USB' in config;
  if (config['CANBUS_BRIDGE'] === 1 || hasBoth) return { role: 'bridge', pins, bitrateBps: timedBitrateBps };
  const statedBitrateBps = numberOrNull(config['CANBUS_FREQUENCY']);
  if (statedBitrateBps === null) return { role: 'none', pins: null, bitrateBps: null };
  return { role: 'node', pins, bitrateBps: statedBitrateBps };
}

function readPins(value: unknown): readonly [string, string] | null {
  const [receive, transmit, ...more] =
    typeof value === 'string' ? value.split(',').map((pin) => pin.trim()) : [];
  return receive !== undefined && transmit !== undefined && more.length === 0 ? [receive, transmit] : null;
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
