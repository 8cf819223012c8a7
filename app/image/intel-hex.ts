/** The memory that an Intel HEX file describes, as one piece: gaps are 0xff, like erased flash. */
interface HexContent {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Twice the flash of the largest STM32: a wider spread is not an image. */
const maxSpan = 4 * 1024 * 1024;

/** Record types: Intel, "Hexadecimal Object File Format Specification" rev A (1988). */
const types = { data: 0, end: 1, segment: 2, start: 3, linear: 4, linearStart: 5 } as const;

/**
 * Reads an Intel HEX file: `:LLAAAATT` + data + checksum, two hex digits per byte. Null if a record is damaged, the end
 * record is missing, the file has no data, or its data spreads over more than 4 MiB.
 */
export function parseIntelHex(text: string): HexContent | null {
  const pieces: { address: number; bytes: Uint8Array }[] = [];
  let base = 0;
  let ended = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.trim() === '') continue;
    const record = ended ? null : readRecord(line.trim());
    if (record === null) return null;
    const { type, address, data } = record;
    const [high = 0, low = 0] = data;
    if (type === types.data) pieces.push({ address: base + address, bytes: data });
    else if (type === types.end) ended = true;
    else if (type === types.segment) base = (high * 256 + low) * 16;
    else if (type === types.linear) base = (high * 256 + low) * 65_536;
    else if (type !== types.start && type !== types.linearStart) return null;
  }
  return ended ? joined(pieces) : null;
}

function readRecord(line: string): { type: number; address: number; data: Uint8Array } | null {
  if (!/^:(?:[0-9A-Fa-f]{2}){5,260}$/.test(line)) return null;
  const bytes = new Uint8Array((line.length - 1) / 2);
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = Number.parseInt(line.slice(1 + at * 2, 3 + at * 2), 16);
  const [length = 0, high = 0, low = 0, type = 0] = bytes;
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  if (bytes.length !== length + 5 || sum % 256 !== 0) return null;
  return { type, address: high * 256 + low, data: bytes.subarray(4, 4 + length) };
}

function joined(pieces: readonly { address: number; bytes: Uint8Array }[]): HexContent | null {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const { address, bytes } of pieces) {
    first = Math.min(first, address);
    last = Math.max(last, address + bytes.length);
  }
  if (!(last > first) || last - first > maxSpan) return null;
  const bytes = new Uint8Array(last - first).fill(0xff);
  for (const piece of pieces) bytes.set(piece.bytes, piece.address - first);
  return { address: first, bytes };
}
