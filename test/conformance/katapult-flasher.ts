import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectKatapult, readKatapultStatus } from '../../app/flash/katapult-connect.ts';
import { flashWithKatapult } from '../../app/flash/katapult-flasher.ts';
import { KatapultSession } from '../../app/flash/katapult-session.ts';
import { commandCode, encodeCommand } from '../../app/protocols/katapult/command.ts';
import {
  applicationAddress,
  blockSize,
  expectRecoverable,
  former,
  installed,
  installedApplication,
  large,
  mcu,
  run,
  same,
  small,
  type KatapultBench,
} from './katapult-bench.ts';
import { katapultFaultConformance } from './katapult-faults.ts';
import { RecordingByteLink } from './recording-byte-link.ts';

export interface KatapultSuiteOptions {
  /** Default true. */
  readonly faults?: boolean;
  /** Whether to wait, again and again, for a board that never replies. Default true. */
  readonly waits?: boolean;
  /** Of the cases that differ in one value only, every n-th, where each takes real time. Default 1: all. */
  readonly stride?: number;
}

/** What a flasher for Katapult promises, on whatever board `open` gives: a fresh one each time, in Katapult. */
export function katapultFlasherConformance(
  name: string,
  open: () => Promise<KatapultBench>,
  { faults = true, waits = true, stride = 1 }: KatapultSuiteOptions = {},
): void {
  const some = <T>(cases: readonly T[]): T[] => cases.filter((_, index) => index % stride === 0);
  if (faults) katapultFaultConformance(name, open);

  describe(`flashWithKatapult on ${name}`, () => {
    let bench: KatapultBench;
    beforeEach(async () => {
      bench = await open();
    });
    afterEach(async () => {
      await bench.close?.();
    });

    describe.each([
      ['an image of one sector', small],
      ['an image of several sectors', large],
    ])('%s', (_name, image) => {
      it.each([
        ['a blank board', null],
        ['a board that has another application', former],
      ])('is written, read back and started on %s', async (_board, before) => {
        if (before !== null) await bench.loadFlash(applicationAddress, before);
        const flashBefore = await bench.dumpFlash();
        const { report, events, link } = await run(bench, image);
        expect(report).toMatchObject({ bytesWritten: image.length, bytesVerified: image.length, uid: null });
        expect(report?.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(report?.sectorsErased).toBe(Math.ceil(image.length / 0x4000));
        expect(same(await bench.dumpFlash(), installed(flashBefore, image))).toBe(true);
        expect(await bench.runs()).toBe('application');
        expect(link.onlyWholeFrames).toBe(true);
        const progress = events.filter((event) => event.type === 'progress');
        expect(progress.every(({ bytesDone, bytesTotal }) => bytesDone <= bytesTotal)).toBe(true);
        for (const phase of ['write', 'verify'] as const) {
          const done = progress.filter((event) => event.phase === phase).map(({ bytesDone }) => bytesDone);
          expect(done).toEqual(done.toSorted((a, b) => a - b));
          expect(done.at(-1)).toBe(image.length);
        }
      });

      it('is written again on the board that has it', async () => {
        await run(bench, image);
        await bench.doubleTap();
        await expectRecoverable(bench, image);
      });
    });

    it('reports the target before it writes and passes through the phases in order', async () => {
      const { events } = await run(bench, large);
      expect(events.find((event) => event.type === 'target')).toMatchObject({ mcu });
      const phases = events.flatMap((event) => (event.type === 'phase' ? [event.phase] : []));
      expect([...new Set(phases)]).toEqual(['connect', 'check', 'write', 'verify', 'leave']);
    });

    it('leaves the board in Katapult where that is asked for', async () => {
      const { report, link } = await run(bench, small, { complete: false });
      expect(report).not.toBeNull();
      expect(link.sentCommands).not.toContain(commandCode.complete);
      expect(await bench.runs()).toBe('katapult');
    });

    it('reads the status and changes nothing', async () => {
      await bench.loadFlash(applicationAddress, former);
      const before = await bench.dumpFlash();
      const link = new RecordingByteLink(await bench.open());
      const status = await readKatapultStatus(link, { clock: bench.clock });
      await link.close();
      expect(status).toMatchObject({ protocolVersion: '1.1.0', mcu, applicationAddress, blockSize });
      expect(link.sentCommands).toEqual([commandCode.connect]);
      expect(same(await bench.dumpFlash(), before)).toBe(true);
    });

    const refusals = [
      ['another MCU', 'katapult/wrong-mcu', { expectedMcu: 'stm32f407xx' }, small],
      ['another address', 'katapult/wrong-address', { applicationAddress: 0x08004000 }, small],
      ['a smaller flash', 'image/does-not-fit', { flashSizeBytes: 0x8000 + 1024 }, small],
      ['more than the chip has', 'image/does-not-fit', {}, new Uint8Array(0x80000 - 0x8000 + 1)],
      ['nothing', 'image/not-an-image', {}, new Uint8Array(0)],
    ] as const;

    it.each(some(refusals))('refuses an image for %s before it erases anything', async (...refusal) => {
      const [, code, options, image] = refusal;
      await bench.loadFlash(applicationAddress, former);
      const before = await bench.dumpFlash();
      const { error, link } = await run(bench, image, options);
      expect(error).toMatchObject({ code, state: 'untouched' });
      expect(link.sentCommands).toEqual([commandCode.connect]);
      expect(same(await bench.dumpFlash(), before)).toBe(true);
      await expectRecoverable(bench, small);
    });

    describe('cancelled', () => {
      const moments = [
        ['before it starts', 'connect', 0],
        ['before it writes', 'check', 0],
        ['when the writing begins', 'write', 0],
        ['behind the first sector', 'write', 1],
        ['in the first sector', 'write', 4],
        ['late in the first sector', 'write', 15],
        ['while it reads back', 'verify', 3],
      ] as const;

      it.each(some(moments))(
        '%s: Katapult still answers, and comes back by itself',
        async (_moment, phase, count) => {
          await bench.loadFlash(applicationAddress, former);
          const before = await bench.dumpFlash();
          const cancel = new AbortController();
          let progress = 0;
          const { error, link } = await run(bench, large, {
            signal: cancel.signal,
            keepOpen: true,
            onEvent: (event) => {
              if (!('phase' in event) || event.phase !== phase) return;
              if (event.type === 'progress') progress += 1;
              if (progress === count) cancel.abort();
            },
          });
          const isUntouched = count === 0;
          expect(error).toMatchObject({
            code: 'cancelled',
            state: isUntouched ? 'untouched' : 'katapult-partial',
          });
          expect(link.onlyWholeFrames).toBe(true);
          expect(link.sentCommands).not.toContain(commandCode.complete);
          // Nothing is left on its way: the next conversation on the same link is in step at once.
          const session = new KatapultSession(link, bench.clock);
          expect((await connectKatapult(session)).mcu).toBe(mcu);
          await link.close();
          if (isUntouched) {
            expect(same(await bench.dumpFlash(), before)).toBe(true);
          } else {
            await bench.powerCycle();
            expect(await bench.runs()).toBe('katapult');
          }
          await expectRecoverable(bench, large);
        },
      );

      it('by a consumer that stops listening: the same', async () => {
        await bench.loadFlash(applicationAddress, former);
        const link = new RecordingByteLink(await bench.open());
        const flash = flashWithKatapult(link, large, {
          clock: bench.clock,
          expectedMcu: mcu,
          applicationAddress,
        });
        let writes = 0;
        for await (const event of flash) {
          if (event.type === 'progress' && event.phase === 'write') writes += 1;
          if (writes === 6) break;
        }
        expect(link.onlyWholeFrames).toBe(true);
        expect((await readKatapultStatus(link, { clock: bench.clock })).mcu).toBe(mcu);
        await link.close();
        await bench.powerCycle();
        expect(await bench.runs()).toBe('katapult');
        await expectRecoverable(bench, large);
      });
    });

    describe('left in a bad way by another program', () => {
      it.each([
        ['a few bytes of a modem probe', '4154'],
        ['more of it', '41540d0a41540d0a41540d0a'],
        ['many bytes', '5a'.repeat(200)],
      ])('%s: still connects', async (_what, hex) => {
        const link = await bench.open();
        await link.write(Uint8Array.from(Buffer.from(hex, 'hex')));
        expect((await readKatapultStatus(link, { clock: bench.clock })).mcu).toBe(mcu);
        await link.close();
        await expectRecoverable(bench, small);
      });

      it('unfetched replies: still connects and writes', async () => {
        const link = await bench.open();
        const connect = encodeCommand(commandCode.connect);
        await link.write(Uint8Array.from([...connect, ...connect, ...encodeCommand(commandCode.dummy)]));
        const run = flashWithKatapult(link, small, {
          clock: bench.clock,
          expectedMcu: mcu,
          applicationAddress,
        });
        while ((await run.next()).done !== true);
        await link.close();
        expect(same(await installedApplication(bench, small.length), small)).toBe(true);
      });

      if (waits) {
        it('half a frame: says that a double tap is due, and works after it', async () => {
          const half = await bench.open();
          await half.write(Uint8Array.from([0x01, 0x88, 0x12, 0x11, 0x00, 0x80]));
          await half.close();
          const startMs = bench.clock.nowMs();
          for (let attempt = 0; attempt < 12; attempt++) {
            const { error } = await run(bench, small);
            expect(error).toMatchObject({ code: 'katapult/wedged', state: 'untouched' });
          }
          expect(bench.clock.nowMs() - startMs).toBeLessThan(12 * 7000);
          await bench.doubleTap();
          await expectRecoverable(bench, small);
        });
      }
    });
  });
}
