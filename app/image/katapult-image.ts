import { isMcuName, mcuFacts } from '../mcu/mcu.ts';
import type { MemoryMap } from '../mcu/memory-map.ts';
import { findBitrate } from './bit-timing.ts';
import type { ImageDescription } from './image-info.ts';
import { findCrystal } from './find-crystal.ts';
import { readVectorTable, type VectorTable } from './vector-table.ts';
import { onlyOne, readWords } from './words.ts';

/**
 * Katapult has its mark right before the reset handler: an application uses it to recognise a bootloader that it can
 * enter (seen in images built for F0, F1, F4, G0 and H7). The mark elsewhere proves nothing: Klipper has it too.
 */
const mark = new TextEncoder().encode('CanBoot!');

/** True for an image that is Katapult itself, linked for the start of flash. */
export function isKatapult(bytes: Uint8Array, vectors: VectorTable, { flash }: MemoryMap): boolean {
  return hasMark(bytes, vectors.resetVector - 1 - flash.start - mark.length);
}

/** What a Katapult image states about itself, beyond what any image states. */
export function describeKatapult(
  bytes: Uint8Array,
  words: Uint32Array,
  base: ImageDescription,
  { flash, applicationOffsets }: MemoryMap,
): ImageDescription {
  const launchAddresses = applicationOffsets.katapult.map((offset) => flash.start + offset);
  const names = readNames(bytes);
  const mcu = names?.mcu ?? null;
  const known = mcu !== null && isMcuName(mcu) ? mcu : null;
  const usb = hasUsbDescriptor(bytes);
  const bitrateBps = known === null ? null : findBitrate(words, known, mcuFacts[known].clockHz.katapult);
  const crystalHz = known === null ? null : findCrystal(words, known);
  return {
    ...base,
    kind: 'katapult',
    mcu,
    applicationAddress: flash.start,
    launchAddress: onlyOne(launchAddresses.filter((address) => words.includes(address))),
    version: names?.version ?? null,
    usb,
    can: bitrateBps === null ? null : { role: usb ? 'bridge' : 'node', pins: null, bitrateBps },
    clockHz: known === null || crystalHz === null ? null : mcuFacts[known].clockHz.katapult,
    crystalHz,
    truncation: base.truncation ?? (names === null ? 'the name of its MCU, near its end, is missing' : null),
  };
}

/** The offset of the Katapult image inside its deployer, or null. */
export function findCarriedKatapult(bytes: Uint8Array, memory: MemoryMap): number | null {
  let tries = 0;
  for (let at = indexOfMark(bytes, 8); at >= 0 && tries < 16; at = indexOfMark(bytes, at + 1), tries++) {
    // The mark follows the vector table, so the image starts some hundred bytes before it.
    for (let start = at - 64; start >= Math.max(0, at - 1024); start -= 4) {
      const vectors = readVectorTable(readWords(bytes.subarray(start, start + 64)), memory);
      if (vectors && isKatapult(bytes.subarray(start), vectors, memory)) return start;
    }
  }
  return null;
}

/** The MCU and, from protocol 1.1.0 on, the version are adjacent C strings for the reply to CONNECT. */
function readNames(bytes: Uint8Array): { mcu: string; version: string | null } | null {
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 0x20000));
  const match = /(stm32[a-z0-9]{4,8}|rp2[03]\d0)\0{1,4}(?:([\x20-\x7e]{1,64})\0)?/.exec(text);
  return match?.[1] === undefined ? null : { mcu: match[1], version: match[2] ?? null };
}

/** USB 2.0 section 9.6.1: a device descriptor, 18 bytes, type 1, of USB 2.0, communication class. */
export function hasUsbDescriptor(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes).includes('\x12\x01\x00\x02\x02');
}

function hasMark(bytes: Uint8Array, at: number): boolean {
  return at >= 0 && mark.every((byte, index) => bytes[at + index] === byte);
}

function indexOfMark(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(mark[0] ?? 0, from); at >= 0; at = bytes.indexOf(mark[0] ?? 0, at + 1)) {
    if (hasMark(bytes, at)) return at;
  }
  return -1;
}
