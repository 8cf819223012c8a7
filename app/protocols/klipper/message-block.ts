import { crc16 } from '../katapult/crc16.ts';

/** | length | 0x10 + sequence | content | crc16 high, low | 7e |; the CRC covers everything before it. */
export interface MessageBlock {
  /** 0 to 15. */
  readonly sequence: number;
  /** At most 59 bytes; none in an acknowledgement. */
  readonly content: Uint8Array;
}

/** The byte that ends every block, and may be sent before one to end what is left of another. */
export const syncByte = 0x7e;

const headerBytes = 2;
const trailerBytes = 3;
const leastBytes = headerBytes + trailerBytes;
const mostBytes = 64;
const destination = 0x10;

/** The next number after `sequence`. */
export const sequenceAfter = (sequence: number): number => (sequence + 1) & 0x0f;

/** The bytes of a block. Throws RangeError if the content is longer than a block holds. */
export function encodeBlock({ sequence, content }: MessageBlock): Uint8Array {
  const length = content.length + leastBytes;
  if (length > mostBytes) throw new RangeError(`a block holds ${mostBytes - leastBytes} bytes`);
  const bytes = new Uint8Array(length);
  bytes.set([length, destination | (sequence & 0x0f)]);
  bytes.set(content, headerBytes);
  const crc = crc16(bytes, 0, length - trailerBytes);
  bytes.set([crc >> 8, crc & 0xff, syncByte], length - trailerBytes);
  return bytes;
}

/**
 * Turns a byte stream, split anywhere, into blocks. A damaged one is skipped from its second byte on, so that a good block
 * that a wrong length swallowed is found. Holds less than one block, whatever arrives.
 */
export class BlockReader {
  #bytes = new Uint8Array(0);

  /** Drops what is left of a block whose end does not come any more: it would swallow those that follow. */
  forget(): void {
    this.#bytes = new Uint8Array(0);
  }

  /** Takes the next bytes and returns the blocks that they complete, in order. */
  push(chunk: Uint8Array): MessageBlock[] {
    const bytes = new Uint8Array(this.#bytes.length + chunk.length);
    bytes.set(this.#bytes);
    bytes.set(chunk, this.#bytes.length);
    const blocks: MessageBlock[] = [];
    let at = 0;
    while (at < bytes.length) {
      const length = lengthAt(bytes, at);
      if (length === 'more') break;
      if (length !== null) blocks.push(blockAt(bytes, at, length));
      at += length ?? 1;
    }
    this.#bytes = bytes.slice(at);
    return blocks;
  }
}

/** The length of the good block at `at`; null if there is none. */
function lengthAt(bytes: Uint8Array, at: number): number | 'more' | null {
  const length = bytes[at] ?? 0;
  const sequence = bytes[at + 1];
  if (length < leastBytes || length > mostBytes) return null;
  if (sequence === undefined) return 'more';
  if ((sequence & 0xf0) !== destination) return null;
  const end = at + length;
  if (end > bytes.length) return 'more';
  const crc = ((bytes[end - 3] ?? 0) << 8) | (bytes[end - 2] ?? 0);
  return bytes[end - 1] === syncByte && crc === crc16(bytes, at, end - trailerBytes) ? length : null;
}

function blockAt(bytes: Uint8Array, at: number, length: number): MessageBlock {
  const content = bytes.slice(at + headerBytes, at + length - trailerBytes);
  return { sequence: (bytes[at + 1] ?? 0) & 0x0f, content };
}
