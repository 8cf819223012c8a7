import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ContractClient } from '../../app/contract/client.ts';
import { call } from '../../app/contract/define.ts';
import type { TextLink } from '../../app/contract/text-link.ts';
import { CanopusError } from '../../app/errors.ts';
import { systemClock } from '../../main/system-clock.ts';
import { Happenings, testContract, TestStation } from './contract-station.ts';

/** A kind of link. */
export interface LinkHarness extends AsyncDisposable {
  /** Makes a new pair, passes the server's end to `accept` and returns the client's. */
  connect(accept: (server: TextLink) => void): Promise<TextLink>;
}

/** What the contract promises over one kind of link. */
export function contractConformance(name: string, openHarness: () => Promise<LinkHarness>): void {
  /** A client and its station over this kind of link; closed at the end of the test. */
  async function withClient<T>(
    station: TestStation,
    work: (client: ContractClient<typeof testContract>, harness: LinkHarness) => Promise<T>,
  ): Promise<T> {
    await using harness = await openHarness();
    const client = new ContractClient(testContract, {
      clock: systemClock,
      retryDelaysMs: [0],
      connect: () => harness.connect(station.accept),
    });
    try {
      return await work(client, harness);
    } finally {
      client.close();
    }
  }

  /** Sends raw texts to a station and collects what comes back until the station closes. */
  async function rawTalk(
    station: TestStation,
    texts: readonly string[],
  ): Promise<{ frames: unknown[]; reason: string }> {
    await using harness = await openHarness();
    const link = await harness.connect(station.accept);
    const frames: unknown[] = [];
    return await new Promise((resolve) => {
      link.open({
        text: (text) => frames.push(JSON.parse(text)),
        closed: (reason) => resolve({ frames, reason }),
      });
      for (const text of texts) link.send(text);
    });
  }

  /** A station that sends these texts on the first request; passes the client's texts to the test. */
  function rawStation(answers: readonly string[]): {
    accept: (link: TextLink) => void;
    sent: string[];
    closes: number;
    happened: Happenings;
  } {
    const seen = {
      sent: [] as string[],
      closes: 0,
      happened: new Happenings(),
      accept: (link: TextLink) => {
        link.open({
          text: (text) => {
            seen.sent.push(text);
            if (seen.sent.length === 1) for (const answer of answers) link.send(answer);
            seen.happened.tell();
          },
          closed: () => {
            seen.closes += 1;
            seen.happened.tell();
          },
        });
      },
    };
    return seen;
  }

  async function withRawStation<T>(
    raw: ReturnType<typeof rawStation>,
    work: (client: ContractClient<typeof testContract>) => Promise<T>,
  ): Promise<T> {
    await using harness = await openHarness();
    const client = new ContractClient(testContract, {
      clock: systemClock,
      retryDelaysMs: [0],
      connect: () => harness.connect(raw.accept),
    });
    try {
      return await work(client);
    } finally {
      client.close();
    }
  }

  const ask = (id: number, name: string, input: unknown, credit = 0): string =>
    JSON.stringify({ type: 'ask', id, name, input, credit, after: 0 });

  describe(`the contract over ${name}`, () => {
    describe('a call', () => {
      it('gets its reply, however many are in flight', async () => {
        const sums = await withClient(new TestStation(), (client) =>
          Promise.all(Array.from({ length: 100 }, (_, n) => client.call('math.add', { a: n, b: 1 }))),
        );
        expect(sums.map(({ sum }) => sum)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
      });

      it('returns null where its handler has nothing to return', async () => {
        const station = new TestStation();
        const returned = await withClient(station, (client) => client.call('log.write', 'a line'));
        expect(returned).toBeNull();
        expect(station.lines).toEqual(['a line']);
      });

      it('carries any text unchanged', async () => {
        const text = '\u0000 ünï \u{1f50c} \u2028 </script> "\\';
        expect(
          await withClient(new TestStation(), (client) => client.call('text.repeat', { text, times: 2 })),
        ).toBe(text + text);
      });

      it('rejects with code, message, details and board state of a named error, and with nothing else of it', async () => {
        await withClient(new TestStation(), async (client) => {
          const error: unknown = await client.call('work.throw', 'named').catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(CanopusError);
          expect(error).toMatchObject({
            code: 'dfu/erase-failed',
            message: 'sector 3 stays at 00',
            details: { sector: 3, tried: ['a', 'b'] },
            state: 'dfu-partial',
          });
          expect((error as CanopusError).cause).toBeUndefined();
        });
      });

      it('sends only a log id for an error without a code', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          const error: unknown = await client
            .call('work.throw', 'unnamed')
            .catch((thrown: unknown) => thrown);
          expect(error).toMatchObject({ code: 'internal', details: { logId: 'log-1' } });
          expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
          expect(String(station.internal[0])).toContain('hunter2');
        });
      });

      it('does not reach its handler with input that the contract does not allow', async () => {
        const station = new TestStation();
        const { frames } = await rawTalk(station, [
          ask(1, 'math.add', { a: '1', b: 2 }),
          ask(2, 'math.add', { a: 1, b: 2, c: 3 }),
          'end',
        ]);
        expect(frames).toMatchObject([
          { type: 'fail', id: 1, error: { code: 'contract/invalid-input', details: { fields: ['a'] } } },
          { type: 'fail', id: 2, error: { code: 'contract/invalid-input' } },
        ]);
      });

      it('does not send a reply that the contract does not allow', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          await expect(client.call('math.add', { a: 1000, b: 1 })).rejects.toMatchObject({
            code: 'internal',
          });
          expect(String(station.internal[0])).toContain('sum');
        });
      });

      it('does not accept a reply of another shape', async () => {
        const raw = rawStation([JSON.stringify({ type: 'done', id: 1, value: { sum: 'two' } })]);
        await withRawStation(raw, async (client) => {
          await expect(client.call('math.add', { a: 1, b: 1 })).rejects.toMatchObject({
            code: 'contract/invalid-answer',
          });
        });
      });

      it('ends with `cancelled` when its signal is aborted, and so does its handler', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          const controller = new AbortController();
          const hanging = client.call('work.hang', null, { signal: controller.signal });
          await station.happened.until(() => station.hanging === 1);
          controller.abort();
          await expect(hanging).rejects.toMatchObject({ code: 'cancelled' });
          await station.happened.until(() => station.aborted === 1);
          expect(await client.call('math.add', { a: 1, b: 1 })).toEqual({ sum: 2 });
        });
      });

      it('is not even sent when its signal was aborted before', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          const signal = AbortSignal.abort();
          await expect(client.call('work.hang', null, { signal })).rejects.toMatchObject({
            code: 'cancelled',
          });
          await client.call('math.add', { a: 1, b: 1 });
          expect(station.hanging).toBe(0);
        });
      });

      it('rejects when the link is lost, and its handler is aborted', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          const hanging = client.call('work.hang', null);
          await station.happened.until(() => station.hanging === 1);
          station.served[0]!.close('test');
          await expect(hanging).rejects.toMatchObject({ code: 'contract/disconnected' });
          expect(station.aborted).toBe(1);
        });
      });

      it('is refused by name when the station does not know it', async () => {
        await using harness = await openHarness();
        const station = new TestStation();
        const newer = { ...testContract, 'math.multiply': call({ input: z.null(), output: z.null() }) };
        const client = new ContractClient(newer, {
          clock: systemClock,
          connect: () => harness.connect(station.accept),
        });
        await expect(client.call('math.multiply', null)).rejects.toMatchObject({
          code: 'contract/unknown-name',
          details: { name: 'math.multiply' },
        });
        client.close();
      });

      it.each(['constructor', '__proto__', 'toString', ''])('is not found under %j', async (strange) => {
        const { frames } = await rawTalk(new TestStation(), [ask(1, strange, null), 'end']);
        expect(frames).toMatchObject([{ type: 'fail', id: 1, error: { code: 'contract/unknown-name' } }]);
      });
    });

    describe('a stream', () => {
      it('delivers every event in order and ends', async () => {
        const events: number[] = [];
        await withClient(new TestStation(), async (client) => {
          for await (const n of client.stream('count.up', { to: 3000 })) events.push(n);
        });
        expect(events).toEqual(Array.from({ length: 3000 }, (_, n) => n + 1));
      });

      it('makes the station wait for a consumer that is slow', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          const stream = client.stream('count.up', { to: 5000 });
          await stream.next();
          // Everything in flight has arrived when a later call has its reply.
          for (let round = 0; round < 5; round++) await client.call('math.add', { a: 1, b: 1 });
          expect(station.counted).toBeLessThanOrEqual(64);
          for (let n = 2; n <= 40; n++) expect((await stream.next()).value).toBe(n);
          await station.happened.until(() => station.counted > 64);
          for (let round = 0; round < 5; round++) await client.call('math.add', { a: 1, b: 1 });
          expect(station.counted).toBeLessThanOrEqual(64 + 40);
          await stream.return();
        });
      });

      it('stops its handler when the consumer leaves', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          for await (const n of client.stream('count.up', { to: 5000 })) if (n === 10) break;
          await station.happened.until(() => station.aborted === 1);
          expect(station.counted).toBeLessThan(5000);
        });
      });

      it('ends with `cancelled` when its signal is aborted while nothing happens', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          station.write('one');
          const controller = new AbortController();
          const stream = client.stream('log.watch', null, { signal: controller.signal });
          expect(await stream.next()).toEqual({ done: false, value: 'one' });
          const next = stream.next();
          controller.abort();
          await expect(next).rejects.toMatchObject({ code: 'cancelled' });
          await station.happened.until(() => station.aborted === 1);
        });
      });

      it('fails when its handler yields what the contract does not allow, after the good events', async () => {
        const station = new TestStation();
        station.counted = 4998;
        await withClient(station, async (client) => {
          const events: number[] = [];
          const reading = (async () => {
            for await (const n of client.stream('count.up', { to: 6000 })) events.push(n);
          })();
          await expect(reading).rejects.toMatchObject({ code: 'internal' });
          expect(events).toEqual([4999, 5000]);
        });
      });

      it('goes on over a new link after the last event it saw', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          for (const line of ['a', 'b', 'c']) station.write(line);
          const seen: string[] = [];
          const reading = (async () => {
            for await (const line of client.stream('log.watch', null)) {
              seen.push(line);
              station.happened.tell();
              if (line === 'end') break;
            }
          })();
          await station.happened.until(() => seen.length === 3);
          station.served[0]!.close('test');
          for (const line of ['d', 'e']) station.write(line);
          await station.happened.until(() => seen.length === 5);
          station.served[1]!.close('test');
          station.write('end');
          await reading;
          expect(seen).toEqual(['a', 'b', 'c', 'd', 'e', 'end']);
          expect(station.served).toHaveLength(3);
        });
      });

      it('loses and repeats nothing when the link goes away again and again', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          const seen: string[] = [];
          for (let n = 0; n < 500; n++) station.write(`line ${n}`);
          for await (const line of client.stream('log.watch', null)) {
            seen.push(line);
            if (seen.length % 70 === 0) station.served.at(-1)!.close('test');
            if (seen.length === 500) break;
          }
          expect(seen).toEqual(station.lines);
          expect(station.served.length).toBeGreaterThan(5);
        });
      });

      it.each([
        ['twice the same number', [1, 1]],
        ['a number that goes back', [2, 1]],
      ])('does not accept %s', async (_, numbers) => {
        const raw = rawStation(
          numbers.map((seq) => JSON.stringify({ type: 'next', id: 1, seq, value: 'x' })),
        );
        await withRawStation(raw, async (client) => {
          const stream = client.stream('log.watch', null);
          expect((await stream.next()).value).toBe('x');
          const next = stream.next().catch((error: unknown) => error);
          await raw.happened.until(() => raw.closes === 1);
          client.close();
          await next;
        });
      });
    });

    describe('a client that misbehaves', () => {
      it.each([
        ['no JSON', ['hello']],
        ['JSON that is no frame', ['[1,2,3]']],
        ['a frame of a server', [JSON.stringify({ type: 'done', id: 1, value: null })]],
        ['a frame with a field too many', [JSON.stringify({ type: 'stop', id: 1, all: true })]],
        ['an id of zero', [ask(0, 'math.add', { a: 1, b: 1 })]],
        ['an id twice', [ask(1, 'work.hang', null), ask(1, 'work.hang', null)]],
        ['an id that goes back', [ask(7, 'work.hang', null), ask(6, 'work.hang', null)]],
        ['stop for what it never asked', [JSON.stringify({ type: 'stop', id: 5 })]],
        ['credit for what it never asked', [JSON.stringify({ type: 'ask', id: 5, credit: 1 })]],
        ['credit without end', [ask(1, 'log.watch', null, 1e9)]],
        [
          'credit beyond the limit',
          [ask(1, 'log.watch', null, 1000), JSON.stringify({ type: 'ask', id: 1, credit: 1000 })],
        ],
      ])('is cut off after %s', async (_, texts) => {
        const station = new TestStation();
        await rawTalk(station, texts);
        expect(station.refused).toEqual(['contract/protocol']);
        await station.happened.until(() => station.aborted === station.hanging);
      });

      it('is cut off after 10 MB at once', async () => {
        const station = new TestStation();
        await rawTalk(station, [ask(1, 'text.repeat', { text: 'x'.repeat(10_000_000), times: 1 })]);
        expect(station.refused).toEqual(['contract/too-large']);
      });

      it('is cut off when it sends without end', async () => {
        const station = new TestStation({
          clock: { ...systemClock, nowMs: () => 0 },
          limits: { textsPerSecond: 10 },
        });
        await rawTalk(
          station,
          Array.from({ length: 100 }, (_, n) => ask(n + 1, 'math.add', { a: n, b: 1 })),
        );
        expect(station.refused).toEqual(['contract/too-many']);
      });

      it('gets `too-many` for each call above the limit, and goes on when time has passed', async () => {
        let nowMs = 0;
        const clock = { ...systemClock, nowMs: () => nowMs };
        const station = new TestStation({ clock, limits: { asksPerSecond: 1 } });
        await withClient(station, async (client) => {
          const results = await Promise.allSettled(
            Array.from({ length: 10 }, () => client.call('math.add', { a: 1, b: 1 })),
          );
          expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
          nowMs = 1000;
          expect(await client.call('math.add', { a: 1, b: 1 })).toEqual({ sum: 2 });
          await expect(client.call('math.add', { a: 1, b: 1 })).rejects.toMatchObject({
            code: 'contract/too-many',
          });
        });
      });

      it('cannot hold more open calls than the limit', async () => {
        const station = new TestStation({ limits: { maxOpenAsks: 3 } });
        await withClient(station, async (client) => {
          const hanging = [1, 2, 3].map(() =>
            client.call('work.hang', null).catch((error: unknown) => error),
          );
          await expect(client.call('math.add', { a: 1, b: 1 })).rejects.toMatchObject({
            code: 'contract/too-many',
          });
          client.close();
          await Promise.all(hanging);
        });
      });
    });

    describe('a station that misbehaves', () => {
      it.each([
        ['no JSON', 'hello'],
        ['a frame of a client', JSON.stringify({ type: 'stop', id: 1 })],
        ['an answer to what was not asked', JSON.stringify({ type: 'done', id: 99, value: null })],
        ['an event of a call', JSON.stringify({ type: 'next', id: 1, seq: 1, value: null })],
        [
          'an error with a code that does not exist',
          JSON.stringify({
            type: 'fail',
            id: 1,
            error: { code: 'no/such', message: '', details: {}, state: null },
          }),
        ],
      ])('is left after %s', async (_, answer) => {
        const raw = rawStation([answer]);
        await withRawStation(raw, async (client) => {
          await expect(client.call('work.hang', null)).rejects.toMatchObject({
            code: 'contract/disconnected',
          });
          await raw.happened.until(() => raw.closes === 1);
        });
      });
    });

    describe('size', () => {
      it('a question that is too large is refused before it is sent, and the link stays', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          await expect(
            client.call('text.repeat', { text: 'x'.repeat(10_000_000), times: 1 }),
          ).rejects.toMatchObject({ code: 'contract/too-large' });
          expect(await client.call('math.add', { a: 1, b: 1 })).toEqual({ sum: 2 });
          expect(station.served).toHaveLength(1);
        });
      });

      it('a reply that is too large fails its call, and the link stays', async () => {
        const station = new TestStation();
        await withClient(station, async (client) => {
          await expect(
            client.call('text.repeat', { text: 'x'.repeat(1000), times: 10_000 }),
          ).rejects.toMatchObject({ code: 'contract/too-large' });
          expect(await client.call('math.add', { a: 1, b: 1 })).toEqual({ sum: 2 });
          expect(station.served).toHaveLength(1);
        });
      });

      it('takes a firmware image of 2 MiB as base64', async () => {
        const text = 'QUJD'.repeat((2 * 1024 * 1024) / 3);
        const answer = await withClient(new TestStation(), (client) =>
          client.call('text.repeat', { text, times: 1 }),
        );
        expect(answer.length).toBe(text.length);
      });
    });

    describe('the client', () => {
      it('reports when it is connected, lost, connected again and closed', async () => {
        const station = new TestStation();
        const seen: string[] = [];
        await withClient(station, async (client) => {
          client.onStatus((status) => {
            seen.push(status);
            station.happened.tell();
          });
          await station.happened.until(() => seen.length === 1);
          station.served[0]!.close('test');
          await station.happened.until(() => seen.length === 3);
          client.close();
          await expect(client.call('math.add', { a: 1, b: 1 })).rejects.toMatchObject({
            code: 'contract/disconnected',
          });
        });
        expect(seen).toEqual(['connected', 'connecting', 'connected', 'closed']);
      });

      it('tries again until the station is there', async () => {
        await using harness = await openHarness();
        const station = new TestStation();
        let tries = 0;
        const client = new ContractClient(testContract, {
          clock: systemClock,
          retryDelaysMs: [0],
          connect: () => {
            tries += 1;
            return tries < 4 ? Promise.reject(new Error('not yet')) : harness.connect(station.accept);
          },
        });
        expect(await client.call('math.add', { a: 2, b: 2 })).toEqual({ sum: 4 });
        expect(tries).toBe(4);
        client.close();
      });
    });
  });
}
