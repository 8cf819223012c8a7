import { Inflate, inflateSync } from 'fflate';

/**
 * Klipper's data dictionary: JSON in a zlib stream (RFC 1950) somewhere in the image, found by its first bytes.
 * `damaged`: something starts like a dictionary, but ends early or fails its checksum.
 */
type DictionarySearch =
  | { readonly found: 'whole'; readonly dictionary: Readonly<Record<string, unknown>> }
  | { readonly found: 'damaged' | 'nothing' };

/** Limits, so that two hostile megabytes cost no more than an image: real dictionaries have 4 KiB, 12 unpacked. */
const maxCandidates = 1024;
const maxUnpacked = 8;
const maxPackedBytes = 64 * 1024;
const maxTextBytes = 512 * 1024;
/** Enough for the code tables of a first block and the first letters. */
const probeBytes = 512;

/** Searches all of `bytes`. Never throws, whatever the bytes. */
export function findDictionary(bytes: Uint8Array): DictionarySearch {
  let candidates = 0;
  let unpacked = 0;
  let damaged = false;
  for (let at = bytes.indexOf(0x78); at >= 0; at = bytes.indexOf(0x78, at + 1)) {
    if (!isZlibHeader(bytes, at)) continue;
    if (++candidates > maxCandidates) break;
    const packed = bytes.subarray(at + 2, at + 2 + maxPackedBytes);
    if (!beginsLikeJson(packed)) continue;
    if (++unpacked > maxUnpacked) break;
    const dictionary = unpack(packed);
    if (dictionary !== null) return { found: 'whole', dictionary };
    damaged = true;
  }
  return { found: damaged ? 'damaged' : 'nothing' };
}

/** RFC 1950 section 2.2: deflate with a 32 KiB window, header check, no preset dictionary; a first block type that exists. */
function isZlibHeader(bytes: Uint8Array, at: number): boolean {
  const flags = bytes[at + 1] ?? 0;
  const blockType = ((bytes[at + 2] ?? 6) >> 1) & 3;
  return (0x7800 + flags) % 31 === 0 && (flags & 0x20) === 0 && blockType !== 3;
}

function beginsLikeJson(packed: Uint8Array): boolean {
  let begin = '';
  const probe = new Inflate((chunk) => {
    begin += new TextDecoder().decode(chunk.subarray(0, 2));
  });
  try {
    probe.push(packed.subarray(0, probeBytes));
  } catch {
    // Not a deflate stream: ignore what was decoded so far.
    return false;
  }
  return begin.startsWith('{"');
}

function unpack(packed: Uint8Array): Record<string, unknown> | null {
  let parsed: unknown;
  try {
    const text = inflateSync(packed, { out: new Uint8Array(maxTextBytes) });
    if (text.length === maxTextBytes || !includesAdler32(packed, text)) return null;
    parsed = JSON.parse(new TextDecoder().decode(text));
  } catch {
    return null;
  }
  return isRecord(parsed) && isRecord(parsed['config']) ? parsed : null;
}

/** Whether the checksum of `text` (RFC 1950 section 9) is in `packed`; it follows the stream, whose end is unknown. */
function includesAdler32(packed: Uint8Array, text: Uint8Array): boolean {
  let a = 1;
  let b = 0;
  for (const byte of text) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  for (let at = packed.indexOf(b >> 8); at >= 0; at = packed.indexOf(b >> 8, at + 1)) {
    if (packed[at + 1] === (b & 0xff) && packed[at + 2] === a >> 8 && packed[at + 3] === (a & 0xff))
      return true;
  }
  return false;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
