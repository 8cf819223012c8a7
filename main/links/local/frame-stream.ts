/**
 * Texts on a byte stream.
 *
 * | bytes | field |
 * |---|---|
 * | 4 | length of the rest but for the kind, little endian |
 * | 1 | kind: 0 text, 1 the sender closes and this is why |
 * | n | UTF-8 |
 */
export interface StreamFrame {
  readonly kind: 'text' | 'close';
  readonly text: string;
}

const headerBytes = 5;
const kinds = ['text', 'close'] as const;

export function encodeStreamFrame({ kind, text }: StreamFrame): Uint8Array {
  const body = Buffer.from(text, 'utf8');
  const frame = Buffer.allocUnsafe(headerBytes + body.length);
  frame.writeUInt32LE(body.length, 0);
  frame.writeUInt8(kinds.indexOf(kind), 4);
  body.copy(frame, headerBytes);
  return frame;
}

/** Reads frames from chunks that may be split anywhere. */
export class StreamFrameReader {
  readonly #maxBytes: number;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** Bytes needed before the next read: a large frame comes in many chunks, which are joined once. */
  #wanted = headerBytes;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The complete frames so far; null for another kind of stream, or a frame that is too large. */
  push(chunk: Uint8Array): readonly StreamFrame[] | null {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return [];
    let left = Buffer.concat(this.#chunks, this.#bytes);
    const frames: StreamFrame[] = [];
    for (;;) {
      this.#wanted = headerBytes;
      if (left.length < headerBytes) break;
      const length = left.readUInt32LE(0);
      const kind = kinds[left.readUInt8(4)];
      if (kind === undefined || length > this.#maxBytes) return null;
      this.#wanted = headerBytes + length;
      if (left.length < this.#wanted) break;
      frames.push({ kind, text: left.toString('utf8', headerBytes, this.#wanted) });
      left = left.subarray(this.#wanted);
    }
    this.#chunks = [left];
    this.#bytes = left.length;
    return frames;
  }
}
