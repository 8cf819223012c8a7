import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandCode } from '../../app/protocols/katapult/command.ts';
import {
  applicationAddress,
  applicationOffset,
  blockSize,
  blocksInFirstSector,
  expectRecoverable,
  flashAddress,
  former,
  installed,
  installedApplication,
  large,
  run,
  same,
  small,
  type KatapultBench,
} from './katapult-bench.ts';

/** What holds when something goes wrong, at whatever moment: a named error or none, and a board that can be helped. */
export function katapultFaultConformance(name: string, open: () => Promise<KatapultBench>): void {
  describe(`flashWithKatapult on ${name}, when something goes wrong`, () => {
    let bench: KatapultBench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(async () => {
      await bench.close?.();
    });

    describe('unplugged', () => {
      const behind = Math.ceil(large.length / blockSize) - blocksInFirstSector;
      const everyBlock = Array.from({ length: 40 }, (_, index) => index);

      it('at every block of a small image: a named error, and the same tool brings the board round', async () => {
        for (const block of everyBlock) {
          const after = block * blockSize + 28;
          await bench.injectFault({ kind: 'unplug', mode: 'katapult', phase: 'write', after });
          const { error } = await run(bench, small);
          expect(error).toMatchObject({ code: 'link/gone', state: 'katapult-partial' });
          await bench.powerCycle();
          await expectRecoverable(bench, small);
          await bench.doubleTap();
        }
      }, 120_000);

      it('at every block behind the first sector: the board comes back in Katapult', async () => {
        await bench.loadFlash(applicationAddress, former);
        // The first block programmed is the one that erases the first sector.
        for (let block = 1; block <= behind; block++) {
          const after = block * blockSize + 28;
          await bench.injectFault({ kind: 'unplug', mode: 'katapult', phase: 'write', after });
          const { error } = await run(bench, large);
          expect(error).toMatchObject({ code: 'link/gone', details: { returnsToKatapult: true } });
          await bench.powerCycle();
          expect(await bench.runs()).toBe('katapult');
          await expectRecoverable(bench, large);
          await bench.doubleTap();
        }
      }, 120_000);

      // The board starts half an application then: the one moment in which a double tap is due.
      it.each([0, 1, 100, 255])(
        'at block %i of the first sector: a double tap brings it back',
        async (block) => {
          const after = (1 + behind + block) * blockSize + 28;
          await bench.loadFlash(applicationAddress, former);
          await bench.injectFault({ kind: 'unplug', mode: 'katapult', phase: 'write', after });
          const { error } = await run(bench, large);
          expect(error).toMatchObject({ code: 'link/gone', state: 'katapult-partial' });
          expect(error?.details).toMatchObject({ returnsToKatapult: false });
          await bench.powerCycle();
          expect(await bench.runs()).toBe('application');
          await expectRecoverable(bench, large);
        },
      );

      it.each([
        ['the first sector, which had an application', 0, false],
        ['the second sector, when there is none any more', 1, true],
      ])('in the erase of %s: says what the board starts', async (_sector, after, returnsToKatapult) => {
        await bench.loadFlash(applicationAddress, former);
        await bench.injectFault({ kind: 'unplug', mode: 'katapult', phase: 'erase', after });
        const { error } = await run(bench, large);
        expect(error).toMatchObject({ code: 'link/gone', details: { returnsToKatapult } });
        await bench.powerCycle();
        await expectRecoverable(bench, large);
      });

      it.each([0, 1, 16, 39])(
        'while block %i is read back: the same tool brings the board round',
        async (block) => {
          await bench.injectFault({
            kind: 'unplug',
            mode: 'katapult',
            phase: 'read',
            after: block * blockSize,
          });
          const { error } = await run(bench, small);
          expect(error).toMatchObject({ code: 'link/gone', state: 'katapult-partial' });
          await bench.powerCycle();
          await expectRecoverable(bench, small);
        },
      );

      it('before it is asked to connect: the board is untouched', async () => {
        await bench.injectFault({ kind: 'unplug', mode: 'katapult', phase: 'request', after: 0 });
        const { error } = await run(bench, small);
        expect(error).toMatchObject({ code: 'link/gone', state: 'untouched' });
        await bench.powerCycle();
        await expectRecoverable(bench, small);
      });

      it('after the start of the application: as requested', async () => {
        await bench.injectFault({ kind: 'unplug', mode: 'katapult', phase: 'leave', after: 0 });
        const { report, error } = await run(bench, small);
        expect(error).toBeNull();
        expect(report?.bytesVerified).toBe(small.length);
        expect(same(await installedApplication(bench, small.length), small)).toBe(true);
      });
    });

    describe('disturbed once', () => {
      const lastBlock = Math.ceil(large.length / blockSize) + 1;
      const places = [
        ['CONNECT', commandCode.connect, 1],
        ['the block that erases the first sector', commandCode.sendBlock, 1],
        ['the first block of the second sector', commandCode.sendBlock, 2],
        ['a block in the middle', commandCode.sendBlock, 5],
        ['the first block of the application', commandCode.sendBlock, 26],
        ['the last block', commandCode.sendBlock, lastBlock],
        ['EOF', commandCode.eof, 1],
        ['the first block read back', commandCode.requestBlock, 1],
        ['a later block read back', commandCode.requestBlock, 77],
        ['the last block read back', commandCode.requestBlock, lastBlock - 1],
        ['COMPLETE', commandCode.complete, 1],
      ] as const;

      it.each(places)('a lost reply to %s does no harm', async (_place, only, nth) => {
        await bench.loadFlash(applicationAddress, former);
        const before = await bench.dumpFlash();
        await bench.injectFault({ kind: 'lost-answer', mode: 'katapult', only, nth });
        const { error, link } = await run(bench, large);
        expect(error).toBeNull();
        expect(link.onlyWholeFrames).toBe(true);
        expect(same(await bench.dumpFlash(), installed(before, large))).toBe(true);
        expect(await bench.runs()).toBe('application');
      });

      it.each(places)('a corrupted reply to %s does no harm', async (_place, only, nth) => {
        await bench.loadFlash(applicationAddress, former);
        const before = await bench.dumpFlash();
        for (const offset of [0, 3, 5]) {
          await bench.injectFault({ kind: 'corrupt-answer', mode: 'katapult', only, nth, offset, xor: 0x55 });
          const { error } = await run(bench, large);
          expect(error).toBeNull();
          expect(same(await bench.dumpFlash(), installed(before, large))).toBe(true);
          expect(await bench.runs()).toBe('application');
          await bench.clearFaults();
          await bench.doubleTap();
        }
      });

      it.each(places)('"busy" as the reply to %s is waited for', async (_place, only, nth) => {
        const before = await bench.dumpFlash();
        await bench.injectFault({ kind: 'busy-answer', only, nth });
        const startMs = bench.clock.nowMs();
        const { error } = await run(bench, large);
        expect(error).toBeNull();
        expect(bench.clock.nowMs() - startMs).toBeGreaterThanOrEqual(1490);
        expect(same(await bench.dumpFlash(), installed(before, large))).toBe(true);
      });
    });

    it.each([
      ['first', 'programmed', applicationOffset + 0x123, 1],
      ['second', 'programmed', applicationOffset + 0x4000 + 0x123, 1],
      ['first', 'erased', applicationOffset + 0x123, 0],
      ['second', 'erased', applicationOffset + 0x4000 + 0x123, 0],
    ] as const)(
      'names the dead cell of the %s sector that cannot be %s, and keeps the board in Katapult',
      async (_sector, _what, at, sticksAt) => {
        const byte = large[at - applicationOffset]!;
        const bit = [0, 1, 2, 3, 4, 5, 6, 7].find((n) => ((byte >> n) & 1) !== sticksAt)!;
        const address = flashAddress + at;
        await bench.injectFault({ kind: 'stuck-bit', address, bit, sticksAt });
        const { error } = await run(bench, large);
        expect(error).toMatchObject({
          code: 'katapult/flash-damaged',
          state: 'katapult-partial',
          details: { address: `0x${address.toString(16).padStart(8, '0')}` },
        });
        await bench.powerCycle();
        expect(await bench.runs()).toBe('katapult');
      },
    );

    it('stays busy without an end: its own error', async () => {
      for (let nth = 1; nth <= 40; nth++) {
        await bench.injectFault({ kind: 'busy-answer', only: commandCode.sendBlock, nth });
      }
      const { error } = await run(bench, small);
      expect(error).toMatchObject({ code: 'katapult/stuck-busy', state: 'katapult-partial' });
      await expectRecoverable(bench, small);
    });
  });
}
