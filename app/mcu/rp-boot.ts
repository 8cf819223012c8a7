import { hex32 } from '../hex.ts';
import { rpFlash, rpRam } from './rp-memory.ts';

/** The chips with PICOBOOT, as Klipper and Katapult name them. */
export type RpMcu = 'rp2040' | 'rp2350';

export function isRpMcu(mcu: string): mcu is RpMcu {
  return mcu === 'rp2040' || mcu === 'rp2350';
}

/** The first 256 bytes of an RP2040's flash: a second stage, whose last word is its checksum (datasheet, 2.8.1). */
const secondStageBytes = 256;
/** Begin and end of the block that an RP2350 looks for in the first 4 KiB, and its first item (datasheet, 5.9). */
const imageBlock = { begin: 0xffffded3, end: 0xab123579, within: 4096, most: 640 } as const;
/** An executable for this chip's ARM cores in secure state (datasheet, 5.9.3.1). */
const armImage = 0x10210142;

/**
 * Why a boot ROM would not start what begins flash, as a clause after "the image"; null if it would. An RP2040 checks the
 * second stage and starts what follows it; an RP2350 looks for an image definition.
 */
export function whyNotStarted(bytes: Uint8Array, mcu: RpMcu): string | null {
  const words = wordsOf(bytes);
  if (mcu === 'rp2350') return whyNoDefinition(words) ?? whyNoVectors(words, 0, bytes.length, mcu);
  if (bytes.length < secondStageBytes + 8) return 'is shorter than its second stage';
  const expected = words[secondStageBytes / 4 - 1] ?? 0;
  const found = bootChecksum(bytes.subarray(0, secondStageBytes - 4));
  if (found !== expected)
    return `does not begin with a second stage: its checksum is ${hex32(found)}, not ${hex32(expected)}`;
  return whyNoVectors(words, secondStageBytes, bytes.length, mcu);
}

/** CRC-32 with the polynomial 04C11DB7, not reflected, from ffffffff (datasheet, 2.8.1.3.1). */
export function bootChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (crc ^ (byte << 24)) >>> 0;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1) >>> 0;
  }
  return crc >>> 0;
}

function whyNoVectors(words: Uint32Array, at: number, length: number, mcu: RpMcu): string | null {
  const [stack = 0, reset = 0] = words.subarray(at / 4);
  const isStack = stack > rpRam.start && stack <= rpRam.start + rpRam.bytes[mcu] && stack % 4 === 0;
  const isReset = reset % 2 === 1 && reset > rpFlash.start + at && reset < rpFlash.start + length;
  return isStack && isReset ? null : `has no vector table at ${hex32(rpFlash.start + at)}`;
}

function whyNoDefinition(words: Uint32Array): string | null {
  const at = words.subarray(0, imageBlock.within / 4).indexOf(imageBlock.begin);
  if (at < 0) return 'has no image definition in its first 4 KiB';
  const block = words.subarray(at, at + imageBlock.most / 4);
  const isWhole = block.includes(imageBlock.end);
  return isWhole && block[1] === armImage
    ? null
    : 'has an image definition that is not one of an RP2350 program';
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length >>> 2 }, (_, index) => view.getUint32(index * 4, true));
}
