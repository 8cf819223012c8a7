/** A number and where the next one begins. */
interface ReadNumber {
  readonly value: number;
  readonly next: number;
}

const mostBytes = 5;

/**
 * A 32-bit number as variable length quantity: 7 bits in each byte, high bits first, the top bit set in all but the last.
 * `n` bytes hold from -2^(7n-2) up to, not including, 3 * 2^(7n-2) (Klipper, docs/Protocol.md, "Variable length
 * quantities").
 */
export function encodeVlq(value: number): number[] {
  const signed = value | 0;
  let bytes = 1;
  while (bytes < mostBytes && !fits(signed, bytes)) bytes += 1;
  return Array.from({ length: bytes }, (_, index) => {
    const shift = 7 * (bytes - 1 - index);
    return ((signed >> shift) & 0x7f) | (shift === 0 ? 0 : 0x80);
  });
}

function fits(value: number, bytes: number): boolean {
  const unit = 2 ** (7 * bytes - 2);
  return value >= -unit && value < 3 * unit;
}

/** The number at `at`, as a signed one; null if it ends early or is longer than 32 bits need. */
export function readVlq(bytes: Uint8Array, at: number): ReadNumber | null {
  const first = bytes[at];
  if (first === undefined) return null;
  let value = (first & 0x60) === 0x60 ? (first & 0x7f) - 0x80 : first & 0x7f;
  for (let next = at, byte = first; ;) {
    next += 1;
    if ((byte & 0x80) === 0) return { value, next };
    const more = bytes[next];
    if (more === undefined || next - at >= mostBytes) return null;
    value = (value << 7) | (more & 0x7f);
    byte = more;
  }
}
