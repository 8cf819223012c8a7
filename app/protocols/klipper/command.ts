import { encodeVlq, readVlq } from './vlq.ts';

/** The ids that every firmware has (klippy/msgproto.py). */
const identifyId = 1;
const identifyResponseId = 0;

/** A command whose parameters, if any, are numbers; its content in a block. */
export function encodeCommand(id: number, ...parameters: readonly number[]): Uint8Array {
  return Uint8Array.from([id, ...parameters].flatMap(encodeVlq));
}

/** Asks for `count` bytes of the packed data dictionary from `offset` on; behind its end there are none. */
export function encodeIdentify(offset: number, count: number): Uint8Array {
  return encodeCommand(identifyId, offset, count);
}

export interface IdentifyResponse {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Null for content that is something else. */
export function parseIdentifyResponse(content: Uint8Array): IdentifyResponse | null {
  const id = readVlq(content, 0);
  if (id?.value !== identifyResponseId) return null;
  const offset = readVlq(content, id.next);
  const count = offset === null ? undefined : content[offset.next];
  if (offset === null || count === undefined) return null;
  const start = offset.next + 1;
  const data = content.slice(start, start + count);
  return data.length === count ? { offset: offset.value >>> 0, data } : null;
}

/** The unsigned parameters of a message with this id; null for content that is something else. */
export function parseNumbers(content: Uint8Array, id: number, count: number): readonly number[] | null {
  const found = readVlq(content, 0);
  if (found?.value !== id) return null;
  const numbers: number[] = [];
  for (let at = found.next; numbers.length < count;) {
    const number = readVlq(content, at);
    if (number === null) return null;
    numbers.push(number.value >>> 0);
    at = number.next;
  }
  return numbers;
}
