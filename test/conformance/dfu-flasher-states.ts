import { describe, expect, it } from 'vitest';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import type { DfuBench, DfuBoards } from './dfu-bench.ts';
import { dfuState, expectGoodRun, installed, isErased, run, same, sectorSize } from './dfu-bench.ts';
import type { BackupSink } from '../../app/flash/dfu-backup.ts';
import type { UsbLink } from '../../app/transport/usb-link.ts';

const done = (): Promise<void> => Promise.resolve();
const emptySink: BackupSink = { begin: done, write: done, complete: done };

/** Devices that are not as a reset leaves them: left behind by other tools, read-protected. */
export function foundStates(boards: DfuBoards): void {
  const { used, waits } = boards;
  const image = makeKatapultImage({ mcu: 'stm32f446xx' });

  describe('a device that an earlier tool left in some state', () => {
    const staged = { bmRequestType: 0x21, bRequest: 1, wValue: 0, wIndex: 0 };
    const getStatus = { bmRequestType: 0xa1, bRequest: 3, wValue: 0, wIndex: 0 };
    const upload = { bmRequestType: 0xa1, bRequest: 2, wValue: 2, wIndex: 0 };
    const timeoutMs = 5000;

    async function leftBehind(
      leave: (link: UsbLink) => Promise<unknown>,
    ): Promise<{ bench: DfuBench; before: Uint8Array }> {
      const made = await used();
      const link = await made.bench.open();
      await link.claimInterface(0);
      await leave(link);
      await link.close();
      return made;
    }

    async function expectInstalled(bench: DfuBench, before: Uint8Array): Promise<void> {
      const { report, error } = await run(bench, image);
      expect(error).toBe(null);
      expect(report?.outcome).toBe('installed');
      expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
    }

    it('clears errFIRMWARE of the first GETSTATUS after a reset', async () => {
      const { bench, before } = await used();
      await bench.injectFault({ kind: 'first-status-error' });
      await bench.enterDfu();
      await expectInstalled(bench, before);
    });

    it('ends an upload', async () => {
      const { bench, before } = await leftBehind((link) => link.controlIn(upload, 2048, { timeoutMs }));
      await expectInstalled(bench, before);
    });

    it('ends a download and takes no address pointer for its own', async () => {
      const { bench, before } = await leftBehind(async (link) => {
        await link.controlOut(staged, Uint8Array.of(0x21, 0x00, 0x00, 0x02, 0x08), { timeoutMs });
        await link.controlIn(getStatus, 6, { timeoutMs });
        await link.controlIn(getStatus, 6, { timeoutMs });
      });
      await expectInstalled(bench, before);
    });

    it('does not carry out an erase that was staged and never started', async () => {
      const { bench, before } = await leftBehind((link) =>
        link.controlOut(staged, Uint8Array.of(0x41, 0x00, 0x00, 0x04, 0x08), { timeoutMs }),
      );
      await expectInstalled(bench, before);
      expect((await bench.eraseCounts())[6]).toBe(0);
    });

    it('waits for an erase that is under way', async () => {
      const { bench, before } = await leftBehind(async (link) => {
        await link.controlOut(staged, Uint8Array.of(0x41, 0x00, 0x40, 0x00, 0x08), { timeoutMs });
        await link.controlIn(getStatus, 6, { timeoutMs });
      });
      before.fill(0xff, sectorSize, 2 * sectorSize);
      await expectInstalled(bench, before);
    });

    it('clears an error', async () => {
      const { bench, before } = await leftBehind((link) =>
        link
          .controlOut({ ...staged, bRequest: 0x63 }, new Uint8Array(0), { timeoutMs })
          .catch(() => undefined),
      );
      await expectInstalled(bench, before);
    });

    it('gets a device out of dfuDNBUSY by ABORT or CLRSTATUS', async () => {
      const { bench, before } = await used();
      await bench.injectFault({ kind: 'busy-forever', operation: 0, clearedBy: 'abort' });
      await bench.enterDfu();
      await expectInstalled(bench, before);
    });

    if (waits) {
      it('reports a device that stays busy whatever it gets', async () => {
        const { bench, before } = await used();
        await bench.injectFault({ kind: 'busy-forever', operation: 0, clearedBy: 'reset' });
        await bench.enterDfu();
        const { error } = await run(bench, image);
        expect(error).toMatchObject({ code: 'dfu/stuck-busy', state: 'untouched' });
        expect(same(await bench.dumpFlash(), before)).toBe(true);
        await expectGoodRun(bench, image);
      });
    }
  });

  describe('read protection', () => {
    it('is found and named before anything is erased', async () => {
      const { bench, before } = await used();
      await bench.injectFault({ kind: 'read-protection' });
      const { error } = await run(bench, image);
      expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
      expect(same(await bench.dumpFlash(), before)).toBe(true);
      expect(await dfuState(bench)).toBe(2);
    });

    it('is found by the backup', async () => {
      const { bench, before } = await used();
      await bench.injectFault({ kind: 'read-protection' });
      const { error } = await run(bench, image, { backup: emptySink });
      expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
      expect(same(await bench.dumpFlash(), before)).toBe(true);
    });

    it('is not removed where a backup was asked for, which cannot be made', async () => {
      const { bench, before } = await used();
      await bench.injectFault({ kind: 'read-protection' });
      const { error } = await run(bench, image, { backup: emptySink, confirmReadUnprotect: true });
      expect(error).toMatchObject({ code: 'dfu/read-protected', state: 'untouched' });
      expect(same(await bench.dumpFlash(), before)).toBe(true);
    });

    it('is removed on confirmation: the chip erases itself, drops off, and the next run installs', async () => {
      const { bench } = await used();
      await bench.injectFault({ kind: 'read-protection' });
      const { report, events } = await run(bench, image, { confirmReadUnprotect: true });
      expect(report).toMatchObject({ outcome: 'protection-removed', bytesWritten: 0 });
      expect(events).toContainEqual({ type: 'phase', phase: 'unprotect', safeToStop: false });
      expect(await bench.isInDfu()).toBe(false);
      expect(isErased(await bench.dumpFlash())).toBe(true);
      await expectGoodRun(bench, image);
    });

    it('is not looked for on a chip that has none, confirmation or not', async () => {
      const { bench, before } = await used();
      const { report } = await run(bench, image, { confirmReadUnprotect: true });
      expect(report?.outcome).toBe('installed');
      expect(same(await bench.dumpFlash(), installed(before, image))).toBe(true);
    });
  });
}
