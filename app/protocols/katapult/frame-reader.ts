import { crc16 } from './crc16.ts';
import { frameBytes, frameLayout, type Frame } from './frame.ts';

/** A frame, or an error: something began like a frame and was not one. */
export type FrameEvent =
  | { readonly type: 'frame'; readonly frame: Frame }
  | { readonly type: 'damaged'; readonly reason: 'length' | 'crc' | 'trailer' | 'cut-short' };

/** What is at the front of the buffer. */
type Front = FrameEvent | { readonly type: 'noise' } | { readonly type: 'more' };

const more = { type: 'more' } as const;
const noise = { type: 'noise' } as const;

/**
 * Turns a byte stream, split anywhere, into frames. Skips other bytes, uses the length field and never searches for the
 * trailer, which may occur inside a payload. After a damaged frame it continues from that frame's second byte, so that
 * a good frame swallowed by a wrong length is found. Holds at most one frame, whatever arrives.
 */
export class FrameReader {
  readonly #maxWords: number;
  readonly #buffer: Uint8Array;
  #start = 0;
  #end = 0;

  /** `maxWords`: the longest accepted payload; a longer one counts as damaged at once. */
  constructor(maxWords: number = frameLayout.maxWords) {
    this.#maxWords = maxWords;
    this.#buffer = new Uint8Array(4 * frameBytes(maxWords));
  }

  /** Takes the next bytes and returns what they complete, in order. Payloads are copies. */
  push(chunk: Uint8Array): FrameEvent[] {
    const events: FrameEvent[] = [];
    for (let taken = 0; taken < chunk.length;) {
      this.#compact();
      const part = chunk.subarray(taken, taken + this.#buffer.length - this.#end);
      this.#buffer.set(part, this.#end);
      this.#end += part.length;
      taken += part.length;
      this.#drain(events);
    }
    return events;
  }

  /** Call it when no more bytes are coming: gives up a truncated frame, and reads what it hid. */
  flush(): FrameEvent[] {
    const events: FrameEvent[] = [];
    while (this.#end > this.#start) {
      if (this.#end - this.#start > 1 && this.#buffer[this.#start + 1] === frameLayout.header1) {
        events.push({ type: 'damaged', reason: 'cut-short' });
      }
      this.#start += 1;
      this.#drain(events);
    }
    return events;
  }

  #drain(events: FrameEvent[]): void {
    for (;;) {
      const front = this.#front();
      if (front.type === 'more') return;
      if (front.type === 'frame') this.#start += frameBytes(front.frame.payload.length / 4);
      else this.#start += 1;
      if (front.type !== 'noise') events.push(front);
    }
  }

  #front(): Front {
    const bytes = this.#buffer;
    while (this.#start < this.#end && bytes[this.#start] !== frameLayout.header0) this.#start += 1;
    const start = this.#start;
    const held = this.#end - start;
    if (held < 2) return more;
    if (bytes[start + 1] !== frameLayout.header1) return noise;
    if (held < frameLayout.headerBytes) return more;
    const words = bytes[start + 3] ?? 0;
    if (words > this.#maxWords) return { type: 'damaged', reason: 'length' };
    const length = frameBytes(words);
    if (held < length) return more;
    const end = start + length;
    if (bytes[end - 2] !== frameLayout.trailer0 || bytes[end - 1] !== frameLayout.trailer1) {
      return { type: 'damaged', reason: 'trailer' };
    }
    const crc = (bytes[end - 4] ?? 0) | ((bytes[end - 3] ?? 0) << 8);
    if (crc !== crc16(bytes, start + 2, end - 4)) return { type: 'damaged', reason: 'crc' };
    const payload = bytes.slice(start + frameLayout.headerBytes, end - frameLayout.trailerBytes);
    return { type: 'frame', frame: { code: bytes[start + 2] ?? 0, payload } };
  }

  #compact(): void {
    if (this.#start === 0) return;
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
