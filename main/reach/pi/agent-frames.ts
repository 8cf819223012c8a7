import { CanopusError } from '../../../app/errors.ts';

/** The header of a message to or from the agent: plain JSON. */
export type AgentHeader = Readonly<Record<string, unknown>>;

export interface AgentMessage {
  readonly header: AgentHeader;
  readonly data: Uint8Array;
}

const magic = [0x43, 0x6e, 0x41, 0x31];
const prefixLength = 12;
/** As the agent limits what it takes; it sends no more. */
const maxHeaderBytes = 1 << 18;
const maxDataBytes = 1 << 20;

/**
 * A message, both ways: | "CnA1" | header length, u32 LE | data length, u32 LE | header, JSON in UTF-8 | data |. Throws
 * `internal` for one that is too long.
 */
export function encodeAgentMessage(header: AgentHeader, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  if (text.length > maxHeaderBytes || data.length > maxDataBytes) {
    throw new CanopusError('internal', `a message of ${text.length} and ${data.length} bytes is too long`);
  }
  const bytes = new Uint8Array(prefixLength + text.length + data.length);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, text.length, true);
  view.setUint32(8, data.length, true);
  bytes.set(text, prefixLength);
  bytes.set(data, prefixLength + text.length);
  return bytes;
}

/** Messages out of a stream, however it is cut. A stream that is none cannot be followed further. */
export class AgentFrameReader {
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** How many bytes the next message has; null while its prefix has not arrived. */
  #wanted: number | null = null;

  /** The messages that are complete now. Throws `link/protocol`. */
  push(chunk: Uint8Array): readonly AgentMessage[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: AgentMessage[] = [];
    for (;;) {
      const enough = this.#wanted ?? prefixLength;
      if (this.#length < enough) return messages;
      const bytes = this.#joined();
      const [headerLength, dataLength] = lengthsOf(bytes);
      const end = prefixLength + headerLength + dataLength;
      this.#wanted = bytes.length < end ? end : null;
      if (this.#wanted !== null) continue;
      const header = headerOf(bytes.subarray(prefixLength, prefixLength + headerLength));
      messages.push({ header, data: bytes.slice(prefixLength + headerLength, end) });
      this.#chunks = [bytes.subarray(end)];
      this.#length = bytes.length - end;
    }
  }

  #joined(): Uint8Array {
    const [only] = this.#chunks;
    if (only !== undefined && this.#chunks.length === 1) return only;
    const bytes = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [bytes];
    return bytes;
  }
}

function lengthsOf(bytes: Uint8Array): readonly [header: number, data: number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, prefixLength);
  const headerLength = view.getUint32(4, true);
  const dataLength = view.getUint32(8, true);
  const isMessage = magic.every((byte, index) => bytes[index] === byte);
  if (!isMessage || headerLength > maxHeaderBytes || dataLength > maxDataBytes) {
    throw new CanopusError('link/protocol', 'The program on the Pi sent something that is no message.');
  }
  return [headerLength, dataLength];
}

function headerOf(bytes: Uint8Array): AgentHeader {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null && !Array.isArray(header)) return { ...header };
  } catch {
    // Named below.
  }
  throw new CanopusError('link/protocol', 'The program on the Pi sent a header that is no JSON.');
}
