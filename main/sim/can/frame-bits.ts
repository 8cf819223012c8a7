import type { CanFrame } from '../../../app/transport/can-link.ts';

/** CRC delimiter, acknowledgement with its delimiter, end of frame, and the space before the next frame. */
const unstuffedEnd = 1 + 2 + 7 + 3;

/** Active error flag of both sides, its delimiter and the space before the next frame: 6 to 12, 8 and 3 bits. */
export const errorFrameBits = 23;

/**
 * How many bits a data frame takes on the wire, with its stuff bits and the space before the next frame (Bosch CAN
 * Specification 2.0, part A, 3.1 and 5; part B for 29-bit ids).
 */
export function frameBits({ id, extended, data }: CanFrame): number {
  const bits: number[] = [0];
  const put = (value: number, count: number): void => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >>> bit) & 1);
  };
  if (extended) {
    put(id >>> 18, 11);
    put(3, 2);
    put(id & 0x3ffff, 18);
    put(0, 3);
  } else {
    put(id, 11);
    put(0, 3);
  }
  put(data.length, 4);
  for (const byte of data) put(byte, 8);
  put(crc15(bits), 15);
  return bits.length + stuffBits(bits) + unstuffedEnd;
}

function crc15(bits: readonly number[]): number {
  let crc = 0;
  for (const bit of bits) {
    const next = bit ^ (crc >>> 14);
    crc = ((crc << 1) & 0x7fff) ^ (next === 1 ? 0x4599 : 0);
  }
  return crc;
}

/** After five equal bits in a row one of the other kind is put in, which counts itself. */
function stuffBits(bits: readonly number[]): number {
  let stuffed = 0;
  let run = 0;
  let last = -1;
  for (const bit of bits) {
    run = bit === last ? run + 1 : 1;
    last = bit;
    if (run < 5) continue;
    stuffed += 1;
    last = 1 - bit;
    run = 1;
  }
  return stuffed;
}
