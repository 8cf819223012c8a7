import { describe, expect, it } from 'vitest';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import type { DfuBoards } from './dfu-bench.ts';
import {
  applicationAddress,
  dfuState,
  expectGoodRun,
  expectSafe,
  isStartable,
  run,
  same,
  sectorSize,
} from './dfu-bench.ts';
import { installWithDfu } from '../../app/flash/dfu-install.ts';

/** Ending a run from outside. */
export function cancelling(boards: DfuBoards): void {
  const { used, stride } = boards;
  const image = makeKatapultImage({ mcu: 'stm32f446xx' });

  describe('cancel', () => {
    it('ends after any event with its own error, the true state and the device in dfuIDLE', async () => {
      const events = (await run((await used()).bench, image)).events.length;
      for (let at = 0; at < events; at += stride) {
        const { bench, before } = await used();
        const controller = new AbortController();
        let seen = 0;
        const { error, report } = await run(bench, image, {
          signal: controller.signal,
          onEvent: () => {
            if (seen++ === at) controller.abort(new Error('enough'));
          },
        });
        if (at === events - 1) {
          // Cancelled while the device leaves: too late, and everything was read back.
          expect(report?.outcome).toBe('installed');
          continue;
        }
        if (!error) throw new Error(`cancelled at event ${at} and went on`);
        expect(error.code).toBe('cancelled');
        await expectSafe(bench, before, image, error);
        expect(await dfuState(bench)).toBe(2);
        await expectGoodRun(bench, image);
      }
    });

    it('touches nothing when it is cancelled before it begins', async () => {
      const { bench, before } = await used();
      const { error, link } = await run(bench, image, { signal: AbortSignal.abort() });
      expect(error).toMatchObject({ code: 'cancelled', state: 'untouched' });
      expect(link.transcript).toEqual([]);
      expect(same(await bench.dumpFlash(), before)).toBe(true);
    });

    it('ends the wait for a device that stays busy', async () => {
      const { bench } = await used();
      await bench.injectFault({ kind: 'busy-forever', operation: 0, clearedBy: 'reset' });
      await bench.enterDfu();
      const controller = new AbortController();
      const startMs = bench.clock.nowMs();
      const cancel = bench.clock.sleep(250).then(() => controller.abort());
      const { error } = await run(bench, image, { signal: controller.signal });
      await cancel;
      expect(error).toMatchObject({ code: 'cancelled', state: 'untouched' });
      expect(bench.clock.nowMs() - startMs).toBeLessThan(6_000);
    });

    it('cleans up when the next event is no longer requested', async () => {
      const { bench, before } = await used();
      const link = await bench.open();
      for await (const event of installWithDfu(link, image, {
        clock: bench.clock,
        applicationAddress,
        checkTarget: () => [],
      })) {
        if (event.type === 'progress' && event.phase === 'write') break;
      }
      await link.close();
      expect(await dfuState(bench)).toBe(2);
      expect(isStartable(await bench.dumpFlash())).toBe(false);
      expect(same((await bench.dumpFlash()).subarray(3 * sectorSize), before.subarray(3 * sectorSize))).toBe(
        true,
      );
      await expectGoodRun(bench, image);
    });
  });
}
