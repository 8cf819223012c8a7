import { describe, expect, it } from 'vitest';
import type { ByteLink } from '../../app/transport/byte-link.ts';

/** A board in Katapult whose serial port is open, and the means to pull its cable. */
export interface KatapultPort {
  readonly link: ByteLink;
  /** Resolves when the platform knows that the device is gone. */
  readonly unplug: () => Promise<void>;
}

const connect = Uint8Array.of(0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99, 0x03);
/** A command that Katapult does not know, and its reply. */
const unknown = Uint8Array.of(0x01, 0x88, 0x90, 0x00, 0xe5, 0xe9, 0x99, 0x03);
const commandError = [0x01, 0x88, 0xf2, 0x00, 0x00, 0xbf, 0x99, 0x03];
const nack = [0x01, 0x88, 0xf1, 0x00, 0x68, 0x95, 0x99, 0x03];
const canbusId = Uint8Array.of(0x01, 0x88, 0x16, 0x00, 0xf9, 0x31, 0x99, 0x03);

/** Whatever a ByteLink is made of, it behaves like this. `open` gives a fresh board each time. */
export function byteLinkConformance(name: string, open: () => Promise<KatapultPort>): void {
  describe(`${name} is a ByteLink`, () => {
    it('says what it is', async () => {
      const { link } = await open();
      expect(link.label).not.toBe('');
      await link.close();
    });

    it('carries bytes both ways, in order, wherever they are cut', async () => {
      const { link } = await open();
      await link.write(connect.subarray(0, 3));
      await link.write(connect.subarray(3));
      const answer = await readSome(link, 12);
      expect(answer.slice(0, 8)).toEqual([0x01, 0x88, 0xa0, 0x0d, 0x11, 0, 0, 0]);
      await link.close();
    });

    it('sends writes in the order they were asked for, without waiting in between', async () => {
      const { link } = await open();
      await Promise.all([link.write(connect), link.write(unknown), link.write(canbusId)]);
      const answer = await readSome(link, 60 + 8 + 8);
      expect(answer[4]).toBe(0x11);
      expect(answer.slice(-16)).toEqual([...commandError, ...commandError]);
      await link.close();
    });

    it('takes the bytes of a write when it is called', async () => {
      const { link } = await open();
      const bytes = unknown.slice();
      const writing = link.write(bytes);
      bytes.fill(0);
      await writing;
      expect(await readSome(link, 8)).toEqual(commandError);
      await link.close();
    });

    it('carries several kilobytes in one write', async () => {
      const { link } = await open();
      // Noise is skipped after one NACK; replies beyond Katapult's 192 byte buffer are lost behind a slow host.
      const noise = Array.from({ length: 501 }, () => 0x55);
      const count = 8;
      await link.write(Uint8Array.from(Array.from({ length: count }, () => [...noise, ...unknown]).flat()));
      const answers = await readSome(link, count * 16);
      expect(answers).toEqual(Array.from({ length: count }, () => [...nack, ...commandError]).flat());
      await link.close();
    });

    it('rejects a read with link/timeout and loses nothing that comes later', async () => {
      const { link } = await open();
      await expect(link.read({ timeoutMs: 60 })).rejects.toMatchObject({ code: 'link/timeout' });
      await link.write(unknown);
      expect(await readSome(link, 8)).toEqual(commandError);
      await link.close();
    });

    it('keeps what came without a reader', async () => {
      const { link } = await open();
      await link.write(unknown);
      await expect(link.read({ timeoutMs: 2000 })).resolves.toBeDefined();
      await link.write(unknown);
      await link.write(unknown);
      expect(await readSome(link, 16)).toEqual([...commandError, ...commandError]);
      await link.close();
    });

    it('ends a read by its signal and loses nothing', async () => {
      const { link } = await open();
      const stop = new AbortController();
      const reading = link.read({ timeoutMs: 10_000, signal: stop.signal });
      const reason = new DOMException('enough', 'AbortError');
      stop.abort(reason);
      await expect(reading).rejects.toBe(reason);
      await expect(link.read({ timeoutMs: 10_000, signal: stop.signal })).rejects.toBe(reason);
      await link.write(unknown);
      expect(await readSome(link, 8)).toEqual(commandError);
      await link.close();
    });

    it('does not write what was cancelled before it began', async () => {
      const { link } = await open();
      const reason = new DOMException('never mind', 'AbortError');
      await expect(link.write(connect, AbortSignal.abort(reason))).rejects.toBe(reason);
      await link.write(unknown);
      expect(await readSome(link, 8)).toEqual(commandError);
      await link.close();
    });

    it('serves readers in the order they asked', async () => {
      const { link } = await open();
      const order: string[] = [];
      const first = link.read({ timeoutMs: 5000 }).then(() => order.push('first'));
      const second = link.read({ timeoutMs: 5000 }).then(() => order.push('second'));
      await link.write(unknown);
      await first;
      await link.write(unknown);
      await second;
      expect(order).toEqual(['first', 'second']);
      await link.close();
    });

    it('rejects everything with link/closed after close, the pending read too', async () => {
      const { link } = await open();
      const reading = expect(link.read({ timeoutMs: 10_000 })).rejects.toMatchObject({ code: 'link/closed' });
      await link.close();
      await reading;
      await expect(link.read({ timeoutMs: 100 })).rejects.toMatchObject({ code: 'link/closed' });
      await expect(link.write(connect)).rejects.toMatchObject({ code: 'link/closed' });
      await expect(link.close()).resolves.toBeUndefined();
    });

    it('is closed at the end of its scope', async () => {
      const { link } = await open();
      {
        await using scoped = link;
        await scoped.write(unknown);
      }
      await expect(link.write(unknown)).rejects.toMatchObject({ code: 'link/closed' });
    });

    it('rejects everything with link/gone after unplug, the pending read too, and still closes', async () => {
      const { link, unplug } = await open();
      const reading = expect(link.read({ timeoutMs: 30_000 })).rejects.toMatchObject({ code: 'link/gone' });
      await unplug();
      await reading;
      await expect(link.read({ timeoutMs: 1000 })).rejects.toMatchObject({ code: 'link/gone' });
      await expect(link.write(connect)).rejects.toMatchObject({ code: 'link/gone' });
      await expect(link.close()).resolves.toBeUndefined();
      await expect(link.write(connect)).rejects.toMatchObject({ code: 'link/closed' });
    });
  });
}

/** Reads until `length` bytes are there or two seconds bring none. */
async function readSome(link: ByteLink, length: number): Promise<number[]> {
  const bytes: number[] = [];
  while (bytes.length < length) {
    const chunk = await link.read({ timeoutMs: 2000 }).catch(() => null);
    if (chunk === null) break;
    expect(chunk.length).toBeGreaterThan(0);
    bytes.push(...chunk);
  }
  return bytes;
}
