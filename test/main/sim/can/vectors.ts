import vectors from '../../../fixtures/katapult/katapult-can.json' with { type: 'json' };
import type { CanFrame } from '../../../../app/transport/can-link.ts';
import { fromHex } from '../../../app/protocols/katapult/vectors.ts';

/** What real firmware got and sent on a bus, in order. The bridge's own replies, which never are on the wire, left out. */
export interface Exchange {
  readonly what: string;
  readonly sent: readonly CanFrame[];
  /** By id, sorted: `203 0188f20000bf9903`, all frames of an id joined. */
  readonly heard: readonly string[];
}

const bridgeReply = '206beb0175188a01';

export const exchanges: readonly Exchange[] = vectors.exchanges.map(({ what, frames }) => {
  const parts = frames.map((line) => {
    const [, direction = '', id = '', data = ''] = line.split(' ');
    return { direction, id, data };
  });
  const heard = new Map<string, string>();
  for (const { direction, id, data } of parts) {
    if (direction === '<' && data !== bridgeReply) heard.set(id, (heard.get(id) ?? '') + data);
  }
  return {
    what,
    sent: parts.filter(({ direction }) => direction === '>').flatMap(({ id, data }) => framesOf(id, data)),
    heard: [...heard].map(([id, data]) => `${id} ${data}`).sort(),
  };
});

export function exchange(what: string): Exchange {
  const found = exchanges.find((each) => each.what === what);
  if (found === undefined) throw new Error(`no exchange "${what}"`);
  return found;
}

export function framesOf(id: string, hex: string): CanFrame[] {
  const frames: CanFrame[] = [];
  for (let at = 0; at < hex.length; at += 16) {
    frames.push({ id: Number.parseInt(id, 16), extended: false, data: fromHex(hex.slice(at, at + 16)) });
  }
  return frames;
}
