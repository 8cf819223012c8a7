import { describe, expect, it } from 'vitest';
import type { CanFrame, CanLink } from '../../app/transport/can-link.ts';

/** Another node on the bus of a link. */
export interface OtherNode {
  send(frame: CanFrame): Promise<void>;
  /** The next frame from the bus. */
  next(): Promise<CanFrame>;
}

/** A started link, another node on its bus, and the means to pull the adapter's cable. */
export interface CanLinkBench {
  readonly link: CanLink;
  readonly other: OtherNode;
  /** Resolves when the platform knows that the adapter is gone; null if that cannot be done. */
  readonly unplug: (() => Promise<void>) | null;
  readonly close: () => Promise<void>;
}

const frame = (id: number, ...data: readonly number[]): CanFrame => ({
  id,
  extended: false,
  data: Uint8Array.from(data),
});
const waitMs = 20_000;

/** Whatever a CanLink is made of, it behaves like this. `open` gives a fresh bus each time. */
export function canLinkConformance(name: string, open: () => Promise<CanLinkBench>): void {
  const withBench = async (work: (bench: CanLinkBench) => Promise<void>): Promise<void> => {
    const bench = await open();
    try {
      await work(bench);
    } finally {
      await bench.close();
    }
  };
  describe(`${name} is a CanLink`, () => {
    it('says what it is', () =>
      withBench(({ link }) => {
        expect(link.label).not.toBe('');
        return Promise.resolve();
      }));

    it('sends frames of every length as they are, in the order of the calls', () =>
      withBench(async ({ link, other }) => {
        const frames = Array.from({ length: 40 }, (_, n) =>
          frame(0x100 + n, ...Array.from({ length: n % 9 }, (__, at) => (n * 16 + at) & 0xff)),
        );
        await Promise.all(frames.map((each) => link.send(each)));
        for (const each of frames) expect(await other.next()).toEqual(each);
      }));

    it('sends and receives 29-bit ids', () =>
      withBench(async ({ link, other }) => {
        const long = { id: 0x1234_5678, extended: true, data: Uint8Array.of(1, 2) };
        await link.send(long);
        expect(await other.next()).toEqual(long);
        await other.send(long);
        expect(await link.receive({ timeoutMs: waitMs })).toEqual(long);
      }));

    it('takes the bytes of a frame when it is called', () =>
      withBench(async ({ link, other }) => {
        const data = Uint8Array.of(1, 2, 3);
        const sending = link.send({ id: 0x123, extended: false, data });
        data.fill(9);
        await sending;
        expect(await other.next()).toEqual(frame(0x123, 1, 2, 3));
      }));

    it('receives what another node sends, in order, also before it is asked, and nothing of its own', () =>
      withBench(async ({ link, other }) => {
        // A bridge holds 32 for a host that is slow to fetch them.
        const frames = Array.from({ length: 30 }, (_, n) => frame(0x203, n, n ^ 0xff));
        await link.send(frame(0x202, 7));
        await other.next();
        for (const each of frames) await other.send(each);
        for (const each of frames) expect(await link.receive({ timeoutMs: waitMs })).toEqual(each);
      }));

    it('serves two receivers in the order in which they asked', () =>
      withBench(async ({ link, other }) => {
        const order: number[] = [];
        const both = [1, 2].map(async (which) => {
          await link.receive({ timeoutMs: waitMs });
          order.push(which);
        });
        await other.send(frame(0x203, 1));
        await both[0];
        await other.send(frame(0x203, 2));
        await both[1];
        expect(order).toEqual([1, 2]);
      }));

    it('throws link/timeout if none came in time, and loses none that comes later', () =>
      withBench(async ({ link, other }) => {
        await expect(link.receive({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'link/timeout' });
        await other.send(frame(0x203, 5));
        expect(await link.receive({ timeoutMs: waitMs })).toEqual(frame(0x203, 5));
      }));

    it('ends a wait with the reason of its signal, and loses no frame by it', () =>
      withBench(async ({ link, other }) => {
        const stop = new AbortController();
        const reason = new Error('enough');
        const waiting = expect(link.receive({ timeoutMs: waitMs, signal: stop.signal })).rejects.toBe(reason);
        stop.abort(reason);
        await waiting;
        await other.send(frame(0x203, 6));
        expect(await link.receive({ timeoutMs: waitMs })).toEqual(frame(0x203, 6));
      }));

    it('throws link/closed from everything after close, the pending wait too', () =>
      withBench(async ({ link }) => {
        const waiting = expect(link.receive({ timeoutMs: waitMs })).rejects.toMatchObject({
          code: 'link/closed',
        });
        await link.close();
        await waiting;
        await expect(link.receive({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'link/closed' });
        await expect(link.send(frame(1))).rejects.toMatchObject({ code: 'link/closed' });
        await expect(link.close()).resolves.toBeUndefined();
      }));

    it('throws link/gone from everything after unplug, the pending wait too, and still closes', () =>
      withBench(async ({ link, unplug }) => {
        if (unplug === null) return;
        const waiting = expect(link.receive({ timeoutMs: waitMs })).rejects.toMatchObject({
          code: 'link/gone',
        });
        await unplug();
        await waiting;
        await expect(link.receive({ timeoutMs: 30 })).rejects.toMatchObject({ code: 'link/gone' });
        await expect(link.send(frame(1))).rejects.toMatchObject({ code: 'link/gone' });
        await expect(link.close()).resolves.toBeUndefined();
        await expect(link.send(frame(1))).rejects.toMatchObject({ code: 'link/closed' });
      }));
  });
}
