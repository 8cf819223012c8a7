import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type Answer } from 'dns-packet';
import { afterEach, expect, it } from 'vitest';
import type { NearbyPi } from '../../../app/pi/nearby.ts';
import { recordsOf, searchNearby } from '../../../main/pi/nearby-search.ts';
import { systemClock } from '../../../main/system-clock.ts';

const group = '224.0.0.251';
const loopback = '127.0.0.1';
let responder: Socket | null = null;
afterEach(() => {
  responder?.close();
  responder = null;
});

const service = '_moonraker._tcp.local';
const name = `Moonraker @ printer-7.${service}`;
const records: Readonly<Record<string, Answer>> = {
  [`PTR ${service}`]: { type: 'PTR', name: service, data: name },
  [`SRV ${name.toLowerCase()}`]: {
    ...{ type: 'SRV', name },
    data: { target: 'printer-7.local', port: 7125, priority: 0, weight: 0 },
  },
  'A printer-7.local': { type: 'A', name: 'printer-7.local', data: '192.168.1.7' },
};

/**
 * A computer on the loopback network that replies to each question with one record, and before that with noise; or why
 * there can be none.
 */
async function respond(): Promise<{ port: number } | { whyNot: string }> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  responder = socket;
  socket.bind(0, '0.0.0.0');
  await once(socket, 'listening');
  try {
    socket.addMembership(group, loopback);
    socket.setMulticastInterface(loopback);
    const { port } = socket.address();
    const heard = once(socket, 'message', { signal: AbortSignal.timeout(5000) });
    socket.send('?', port, group);
    await heard;
  } catch (error) {
    return { whyNot: `multicast does not come through on ${loopback}: ${String(error)}` };
  }
  socket.on('message', (message, { port, address }) => {
    const { questions = [] } = decode(message);
    socket.send('not a message', port, address);
    for (const question of questions) {
      const answer = records[`${question.type} ${question.name}`];
      if (answer !== undefined) socket.send(encode({ type: 'response', answers: [answer] }), port, address);
    }
  });
  return { port: socket.address().port };
}

it('finds a Pi by multicast DNS over a real socket, asking on for what a reply leaves out', async ({
  skip,
}) => {
  const responding = await respond();
  if ('whyNot' in responding) return skip(responding.whyNot);
  const { port } = responding;
  const stop = new AbortController();
  const options = { clock: systemClock, addresses: [loopback, '192.0.2.1'], port };
  let found: NearbyPi | null = null;
  for await (const event of searchNearby(options, stop.signal)) {
    if (event.type === 'item' && event.item.address !== null) found = event.item;
    if (found !== null) stop.abort();
  }
  expect(found).toEqual({
    ...{ id: 'printer-7.local', host: 'printer-7.local', address: '192.168.1.7' },
    ...{ hasMoonraker: true, printers: [] },
  });
});

it('reads nothing from what is no reply', () => {
  const question = encode({ type: 'query', questions: [{ type: 'PTR', name: service }] });
  expect(recordsOf(question)).toEqual([]);
  expect(recordsOf(new Uint8Array([1, 2, 3]))).toEqual([]);
  const reply = encode({ type: 'response', answers: Object.values(records) });
  expect(recordsOf(reply)).toHaveLength(3);
  for (let cut = 0; cut < reply.length; cut += 1)
    expect(() => recordsOf(reply.subarray(0, cut))).not.toThrow();
});
