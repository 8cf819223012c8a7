import { describe, expect, it } from 'vitest';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import type { DfuBoards } from './dfu-bench.ts';
import {
  applicationAddress,
  dfuState,
  expectGoodRun,
  flashAddress,
  formerContents,
  installed,
  run,
  same,
  sectorSize,
} from './dfu-bench.ts';

const chips = [
  ['F446', 'stm32f446xx'],
  ['F407', 'stm32f407xx'],
  ['F429', 'stm32f429xx'],
  ['F429-2M', 'stm32f429xx'],
] as const;

/** Installing where nothing goes wrong, what is refused before, and the backup. */
export function goodRuns(boards: DfuBoards): void {
  const { fresh, justReset, used, stride } = boards;
  const image = makeKatapultImage({ mcu: 'stm32f446xx' });

  describe('a good run', () => {
    it.each(chips)('installs on %s, starts it, and touches nothing but two sectors', async (chip, mcu) => {
      const { bench, before } = await used({ chip });
      const own = makeKatapultImage({ mcu });
      const { report, error } = await run(bench, own);
      expect(error).toBe(null);
      expect(report).toMatchObject({
        outcome: 'installed',
        bytesWritten: own.length,
        bytesVerified: own.length,
        sectorsErased: 2,
        uid: bench.uid,
      });
      expect(same(await bench.dumpFlash(), installed(before, own))).toBe(true);
      const counts = await bench.eraseCounts();
      expect(counts.flatMap((count, index) => (count > 0 ? [`${index}: ${count}`] : []))).toEqual([
        '0: 1',
        '2: 1',
      ]);
      expect(await bench.startsKatapult()).toBe(true);
    });

    it('installs again over its own work', async () => {
      const { bench } = await used();
      await run(bench, image);
      await expectGoodRun(bench, makeKatapultImage({ seed: 2 }));
    });

    it('spares the erase of an application sector that is erased already, and says so', async () => {
      const bench = await justReset();
      const { report, events } = await run(bench, image);
      expect(report?.sectorsErased).toBe(1);
      expect(events.some((event) => event.type === 'note' && event.text.includes('already erased'))).toBe(
        true,
      );
      expect((await bench.eraseCounts()).slice(0, 3)).toEqual([1, 0, 0]);
    });

    it('erases an application sector that only begins erased', async () => {
      const bench = await justReset();
      await bench.loadFlash(applicationAddress + 0x3ffc, Uint8Array.of(0));
      const { report } = await run(bench, image);
      expect(report?.sectorsErased).toBe(2);
      expect(same(await bench.dumpFlash(), installed(await bench.dumpFlash(), image))).toBe(true);
    });

    it('writes images that fill no whole word, one block, a block exactly, a sector exactly', async () => {
      const sizes = [8, 9, 2046, 2047, 2048, 2049, 4096, 16_383, 16_384, 16_385, 32_768];
      for (const size of sizes.filter((_, index) => index % stride === 0)) {
        const { bench, before } = await used();
        const odd = formerContents(size);
        const { report, error } = await run(bench, odd);
        expect(error).toBe(null);
        expect(report?.bytesVerified).toBe(size);
        expect(same(await bench.dumpFlash(), installed(before, odd))).toBe(true);
      }
    });

    it('returns no UID if the ROM does not report it, and continues', async () => {
      const bench = await fresh({ chip: 'F446', uidReadable: false });
      const { report } = await run(bench, image);
      expect(report).toMatchObject({ outcome: 'installed', uid: null });
    });

    it('says what it does in order, and never more bytes than there are', async () => {
      const { bench } = await used();
      const { events } = await run(bench, image);
      const phases = events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
      expect(phases).toEqual(['connect', 'check', 'erase', 'write', 'verify', 'leave']);
      const last = new Map<string, number>();
      for (const event of events) {
        if (event.type !== 'progress') continue;
        expect(event.bytesDone).toBeLessThanOrEqual(event.bytesTotal);
        expect(event.bytesDone).toBeGreaterThan(last.get(event.phase) ?? 0);
        last.set(event.phase, event.bytesDone);
      }
      expect(last.get('verify')).toBe(image.length);
      expect(last.get('erase')).toBe(2 * sectorSize);
    });

    it('stays in dfuIDLE where it is not to leave', async () => {
      const bench = await fresh();
      const { report } = await run(bench, image, { leave: false });
      expect(report?.outcome).toBe('installed');
      expect(await bench.isInDfu()).toBe(true);
      expect(await dfuState(bench)).toBe(2);
    });

    it('never asks a device before the time that it announced is over', async () => {
      const { bench, before } = await used();
      await bench.injectFault({ kind: 'strict-polling' });
      const { report } = await run(bench, image);
      expect(report?.outcome).toBe('installed');
      expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
    });

    it('takes a device that leaves without answering for success', async () => {
      const bench = await fresh();
      await bench.injectFault({ kind: 'leave-unanswered' });
      const { report } = await run(bench, image);
      expect(report?.outcome).toBe('installed');
      expect(await bench.startsKatapult()).toBe(true);
    });
  });

  describe('checks before anything is erased', () => {
    it('lets the caller refuse the chip by what it says of itself', async () => {
      const { bench, before } = await used({ chip: 'F407' });
      const { error } = await run(bench, image, {
        checkTarget: ({ flashBytes, layout, uid }) => {
          expect(layout.name).toBe('Internal Flash');
          expect(uid).toBe(bench.uid);
          throw new RangeError(`${flashBytes} bytes`);
        },
      });
      expect(error).toMatchObject({ code: 'internal', message: '1048576 bytes', state: 'untouched' });
      expect(same(await bench.dumpFlash(), before)).toBe(true);
      expect(await dfuState(bench)).toBe(2);
    });

    it('refuses an image that reaches into the application, or beyond the flash', async () => {
      const { bench, before } = await used();
      const tooLarge = await run(bench, new Uint8Array(0x8001));
      expect(tooLarge.error).toMatchObject({ code: 'image/does-not-fit', state: 'untouched' });
      const beyond = await run(bench, new Uint8Array(513 * 1024), { applicationAddress: 0x08090000 });
      expect(beyond.error).toMatchObject({ code: 'image/does-not-fit', state: 'untouched' });
      const outside = await run(bench, image, { applicationAddress: 0x08080000 });
      expect(outside.error).toMatchObject({ code: 'image/does-not-fit', state: 'untouched' });
      const inside = await run(bench, image, { applicationAddress: 0x08009000 });
      expect(inside.error).toMatchObject({ code: 'image/wrong-address', state: 'untouched' });
      const tiny = await run(bench, new Uint8Array(7));
      expect(tiny.error).toMatchObject({ code: 'image/truncated', state: 'untouched' });
      expect(same(await bench.dumpFlash(), before)).toBe(true);
    });
  });

  describe('backup', () => {
    it('hands over all of flash, complete, before the first erase', async () => {
      const { bench, before } = await used();
      const pieces: Uint8Array[] = [];
      let countsAtEnd: readonly number[] = [];
      const { report, events } = await run(bench, image, {
        backup: {
          begin: ({ flashBytes, uid }) => {
            expect([flashBytes, uid]).toEqual([bench.flashBytes, bench.uid]);
            return Promise.resolve();
          },
          write: (bytes, address) => {
            expect(address).toBe(flashAddress + pieces.reduce((sum, piece) => sum + piece.length, 0));
            pieces.push(bytes.slice());
            return Promise.resolve();
          },
          complete: async () => {
            countsAtEnd = await bench.eraseCounts();
          },
        },
      });
      expect(report?.outcome).toBe('installed');
      expect(countsAtEnd.every((count) => count === 0)).toBe(true);
      const saved = new Uint8Array(pieces.flatMap((piece) => [...piece]));
      expect(same(saved, before)).toBe(true);
      const progress = events.filter((event) => event.type === 'progress' && event.phase === 'backup');
      expect(progress.at(-1)).toMatchObject({ bytesDone: before.length, bytesTotal: before.length });
    });

    it.each(['begin', 'write', 'complete'] as const)(
      'erases nothing when the sink fails in %s',
      async (method) => {
        const { bench, before } = await used();
        const fail = () => Promise.reject(new Error('disk full'));
        const good = () => Promise.resolve();
        const { error } = await run(bench, image, {
          backup: { begin: good, write: good, complete: good, [method]: fail },
        });
        expect(error).toMatchObject({ message: 'disk full', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
        expect(await dfuState(bench)).toBe(2);
      },
    );
  });
}
