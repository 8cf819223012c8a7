import { CanopusError } from '../errors.ts';
import { parseUid } from '../units.ts';

const mask64 = 0xffff_ffff_ffff_ffffn;
const multiplier = 0x8803_55f2_1e6d_1965n;

/** The seed that Klipper and Katapult use (src/generic/canserial.c, `canserial_set_uuid`). */
const seed = 0xa162_31a7n;

function mix(value: bigint): bigint {
  const once = ((value ^ (value >> 23n)) * 0x2127_599b_f432_5c37n) & mask64;
  return once ^ (once >> 47n);
}

/** fasthash64 by Zilong Tan (MIT): little-endian 8-byte words, then the rest as one short word. */
function fasthash64(bytes: Uint8Array): bigint {
  let hash = seed ^ ((BigInt(bytes.length) * multiplier) & mask64);
  for (let start = 0; start < bytes.length; start += 8) {
    let word = 0n;
    bytes.subarray(start, start + 8).forEach((byte, index) => (word |= BigInt(byte) << BigInt(8 * index)));
    hash = ((hash ^ mix(word)) * multiplier) & mask64;
  }
  return mix(hash);
}

/**
 * The `canbus_uuid` that Klipper and Katapult derive from a chip: 12 lower-case hex digits, never changing. Throws
 * `uid/invalid`.
 *
 * @param uid the chip's unique id as its USB serial number shows it: 24 hex digits, of an RP2040 or RP2350 16, either case.
 *
 * Source: Klipper, src/generic/canserial.c (`canserial_set_uuid`: the first six bytes of the hash in memory order);
 * pairs of UID and UUID published by users are the tests.
 */
export function canbusUuid(uid: string): string {
  if (parseUid(uid) === null) {
    throw new CanopusError(
      'uid/invalid',
      `A chip UID has 24 or 16 hexadecimal digits, this has ${uid.length} characters: "${uid.slice(0, 40)}".`,
      {
        length: uid.length,
      },
    );
  }
  const bytes = Uint8Array.from({ length: uid.length / 2 }, (_, index) =>
    Number.parseInt(uid.slice(2 * index, 2 * index + 2), 16),
  );
  const hash = fasthash64(bytes);
  const digits = Array.from({ length: 6 }, (_, index) => Number((hash >> BigInt(8 * index)) & 0xffn));
  return digits.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
