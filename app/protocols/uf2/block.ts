/**
 * A UF2 block, 512 bytes, all integers little-endian (Microsoft, "USB Flashing Format (UF2)"):
 *
 * | offset | bytes | what                                       |
 * |--------|-------|--------------------------------------------|
 * | 0      | 4     | 0x0A324655                                 |
 * | 4      | 4     | 0x9E5D5157                                 |
 * | 8      | 4     | flags                                      |
 * | 12     | 4     | address of the payload                     |
 * | 16     | 4     | length of the payload, at most 476         |
 * | 20     | 4     | number of this block, from 0               |
 * | 24     | 4     | number of blocks                           |
 * | 28     | 4     | family of the chip, with flag 0x2000       |
 * | 32     | 476   | payload, zeros                             |
 * | 508    | 4     | 0x0AB16F30                                 |
 */
export interface Uf2Block {
  readonly flags: number;
  readonly address: number;
  readonly blockNumber: number;
  readonly blockCount: number;
  /** Null if the block does not name one. */
  readonly family: number | null;
  readonly payload: Uint8Array;
}

export const uf2BlockBytes = 512;
export const mostPayloadBytes = 476;

export const uf2Flags = { notMainFlash: 0x0001, fileContainer: 0x1000, hasFamily: 0x2000 } as const;

const magics = { first: 0x0a324655, second: 0x9e5d5157, last: 0x0ab16f30 } as const;

/** Whether a file begins like a UF2 file. */
export function beginsLikeUf2(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(0, true) === magics.first && view.getUint32(4, true) === magics.second;
}

/** Null if the bytes are no block: another length, a wrong magic, a payload that is too long. `payload` is a view. */
export function decodeBlock(bytes: Uint8Array): Uf2Block | null {
  if (bytes.length !== uf2BlockBytes || !beginsLikeUf2(bytes)) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): number => view.getUint32(at, true);
  if (word(508) !== magics.last || word(16) > mostPayloadBytes) return null;
  const flags = word(8);
  return {
    flags,
    address: word(12),
    blockNumber: word(20),
    blockCount: word(24),
    family: (flags & uf2Flags.hasFamily) === 0 ? null : word(28),
    payload: bytes.subarray(32, 32 + word(16)),
  };
}

/** A payload of more than 476 bytes is a programming error. */
export function encodeBlock({
  flags,
  address,
  blockNumber,
  blockCount,
  family,
  payload,
}: Uf2Block): Uint8Array {
  if (payload.length > mostPayloadBytes)
    throw new RangeError(`a UF2 block carries at most ${mostPayloadBytes} bytes, not ${payload.length}`);
  const bytes = new Uint8Array(uf2BlockBytes);
  const view = new DataView(bytes.buffer);
  const values = [
    magics.first,
    magics.second,
    flags,
    address,
    payload.length,
    blockNumber,
    blockCount,
    family ?? 0,
  ];
  values.forEach((value, index) => view.setUint32(index * 4, value, true));
  bytes.set(payload, 32);
  view.setUint32(508, magics.last, true);
  return bytes;
}
