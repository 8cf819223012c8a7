import { crc16 } from './crc16.ts';

/**
 * Katapult frame, all integers little-endian:
 *
 * | offset | bytes | what                                       |
 * |--------|-------|--------------------------------------------|
 * | 0      | 2     | header 01 88                               |
 * | 2      | 1     | code: command or kind of reply             |
 * | 3      | 1     | n, payload length in 4-byte words          |
 * | 4      | 4n    | payload                                    |
 * | 4 + 4n | 2     | CRC-16/MCRF4XX over code, n and payload    |
 * | 6 + 4n | 2     | trailer 99 03 (may occur in a payload too) |
 */
export interface Frame {
  readonly code: number;
  readonly payload: Uint8Array;
}

export const frameLayout = {
  header0: 0x01,
  header1: 0x88,
  trailer0: 0x99,
  trailer1: 0x03,
  /** Bytes in front of the payload. */
  headerBytes: 4,
  /** Bytes behind the payload. */
  trailerBytes: 4,
  /** A frame without payload. */
  minBytes: 8,
  /** The most that the length field can hold. */
  maxWords: 255,
} as const;

/** Length of a frame with this many payload words. */
export function frameBytes(words: number): number {
  return frameLayout.headerBytes + 4 * words + frameLayout.trailerBytes;
}

/** The whole frame. `payload` has at most 255 words; a length that is not a multiple of 4 is a programming error. */
export function encodeFrame(code: number, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const words = payload.length / 4;
  if (!Number.isInteger(words) || words > frameLayout.maxWords) {
    throw new RangeError(`a Katapult payload is 0 to 255 words of 4 bytes, not ${payload.length} bytes`);
  }
  const frame = new Uint8Array(frameBytes(words));
  frame.set([frameLayout.header0, frameLayout.header1, code, words]);
  frame.set(payload, frameLayout.headerBytes);
  const crcAt = frameLayout.headerBytes + payload.length;
  const crc = crc16(frame, 2, crcAt);
  frame.set([crc & 0xff, crc >>> 8, frameLayout.trailer0, frameLayout.trailer1], crcAt);
  return frame;
}
