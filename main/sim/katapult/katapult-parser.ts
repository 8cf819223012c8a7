import { crc16 } from '../../../app/protocols/katapult/crc16.ts';

const header = [0x01, 0x88];
const trailer = [0x99, 0x03];
const shortestFrame = 8;

/** How the firmware interprets its receive buffer. */
type Found =
  | { readonly type: 'frame'; readonly length: number }
  /** Waits for more bytes. */
  | { readonly type: 'more' }
  /** Throws `skip` bytes away, and sends the host a NACK if `nack`. */
  | { readonly type: 'bad'; readonly skip: number; readonly nack: boolean };

/**
 * How Katapult v0.0.1 looks for frames (facts: src/command.c), including its trap: after a bad frame it discards
 * everything up to the next 0x01. If the buffer already begins with 0x01, that is nothing, so it sees the same bytes
 * for ever. It sends one NACK for that and no more until the next good frame.
 */
export class KatapultParser {
  readonly #longestFrame: number;
  #needSync = false;
  #nackSent = false;

  /** `longestFrame`: 128 bytes in the real firmware. */
  constructor(longestFrame: number) {
    this.#longestFrame = longestFrame;
  }

  look(buffer: Uint8Array): Found {
    if (this.#needSync) return this.#skip(buffer);
    if (buffer.length < shortestFrame) return { type: 'more' };
    if (buffer[0] !== header[0] || buffer[1] !== header[1]) return this.#bad(buffer);
    const length = (buffer[3] ?? 0) * 4 + shortestFrame;
    if (length > this.#longestFrame) return this.#bad(buffer);
    if (buffer.length < length) return { type: 'more' };
    if (buffer[length - 2] !== trailer[0] || buffer[length - 1] !== trailer[1]) return this.#bad(buffer);
    const sentCrc = (buffer[length - 4] ?? 0) | ((buffer[length - 3] ?? 0) << 8);
    if (crc16(buffer, 2, length - 4) !== sentCrc) return this.#bad(buffer);
    this.#nackSent = false;
    return { type: 'frame', length };
  }

  #bad(buffer: Uint8Array): Found {
    this.#needSync = true;
    return this.#skip(buffer);
  }

  #skip(buffer: Uint8Array): Found {
    const next = buffer.indexOf(header[0] ?? 0);
    if (next >= 0) this.#needSync = false;
    const nack = !this.#nackSent;
    this.#nackSent = true;
    return { type: 'bad', skip: next >= 0 ? next : buffer.length, nack };
  }
}
