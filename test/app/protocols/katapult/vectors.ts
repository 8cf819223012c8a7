import vectors from '../../../fixtures/katapult/katapult-usb.json' with { type: 'json' };
import { FrameReader } from '../../../../app/protocols/katapult/frame-reader.ts';
import type { Frame } from '../../../../app/protocols/katapult/frame.ts';

export interface Exchange {
  readonly what: string;
  readonly sent: Uint8Array;
  readonly answered: Uint8Array;
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What the real firmware got and replied, in order. */
export const exchanges: readonly Exchange[] = vectors.exchanges.map(({ what, sent, answered }) => ({
  what,
  sent: fromHex(sent),
  answered: fromHex(answered),
}));

export function exchange(what: string): Exchange {
  const found = exchanges.find((candidate) => candidate.what === what);
  if (found === undefined) throw new Error(`no exchange "${what}"`);
  return found;
}

export function readFrames(bytes: Uint8Array): Frame[] {
  return new FrameReader().push(bytes).flatMap((event) => (event.type === 'frame' ? [event.frame] : []));
}
