import { type PlaceId, usbPlace } from '../../../app/place.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackupRecord } from '../../../app/backups/backup-record.ts';
import { installWithDfu } from '../../../app/flash/dfu-install.ts';
import { followRun } from '../../../app/flash/follow-run.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { BackupStore, type BackupStoreOptions } from '../../../main/backups/backup-store.ts';
import { RunBackup } from '../../../main/backups/run-backup.ts';
import type { FlashBoardEvent } from '../../../main/jobs/board-event.ts';
import { checkRestore, restoreBoard, type RestoreBoardReport } from '../../../main/jobs/restore-board.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { codeOfRejection } from '../../error-code.ts';
import { formerContents, same } from '../../conformance/dfu-bench.ts';
import { BenchRun, bareF446, imagesFor, uid } from './bench-run.ts';

const otherUid = '39001B000C51313339373836';
const flashStart = 0x08000000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canopus-restore-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A bench whose board `a` has another program, and what the station does with it. */
class RestoreBench extends BenchRun {
  readonly store: BackupStore;
  readonly before: Uint8Array;
  readonly said: FlashBoardEvent[] = [];

  constructor(board: BoardInput, options: BackupStoreOptions = {}, ...others: readonly BoardInput[]) {
    super(board, ...others);
    this.store = new BackupStore(join(folder, 'backups'), options);
    this.before = formerContents(60_000);
    this.board.flash.load(flashStart, this.before);
  }

  dump(id = 'a'): Uint8Array {
    const { flash } = this.bench.board(id);
    return flash.read(flashStart, flash.sizeBytes);
  }

  /** From DFU to the bridge, with a backup first. */
  async flashWithBackup(mcu: 'stm32f446xx' | 'stm32f407xx' | 'stm32f429xx' = 'stm32f446xx'): Promise<void> {
    const backup = new RunBackup({
      store: this.store,
      clock: this.clock,
      file: null,
      facts: { place: 'usb:1-1', virtual: true, presetId: null, variantId: null, runId: null },
      onEvent: (event) => this.said.push(event),
    });
    await this.flash(await imagesFor(mcu), { backup });
  }

  /** Katapult with a backup first, whatever the chip check would say of it. */
  async backUpOnly(mcu: 'stm32f407xx' | 'stm32f429xx'): Promise<void> {
    const writer = await this.store.create({
      ...{ place: 'usb:1-1', virtual: true, dfuSerial: null, presetId: null, variantId: null, runId: null },
      ...{ file: null, nowMs: () => this.clock.nowMs(), onComplete: () => undefined },
    });
    await this.present('usb:1-1');
    await using link = await this.bench.devices.openUsb('1-1');
    const install = installWithDfu(link, makeKatapultImage({ mcu }), {
      clock: this.clock,
      applicationAddress: 0x08008000,
      backup: writer,
      checkTarget: () => [],
    });
    await followRun(install, () => undefined);
  }

  async backup(): Promise<BackupRecord> {
    const [record] = (await this.store.list()).backups;
    if (record === undefined) throw new Error('there is no backup');
    return record;
  }

  /** BOOT0 on, power off and on, and waits until it is back. */
  async enterDfu(id = 'a'): Promise<void> {
    const board = this.bench.board(id);
    board.setBoot0(true);
    board.setPower(false);
    board.setPower(true);
    const watch = await this.present(usbPlace(board.port));
    const isInDfu = (): true | null =>
      watch.at(usbPlace(board.port))?.device.productId === 0xdf11 ? true : null;
    await watch.waitFor(isInDfu, { timeoutMs: 10_000 });
  }

  /** What a restore would be refused for, at 1-1. */
  async check(label: string | null): Promise<void> {
    const services = { devices: this.bench.devices, clock: this.clock, watch: await this.present('usb:1-1') };
    const backup = await this.store.load((await this.backup()).id);
    const askLabel = (): Promise<string | null> => Promise.resolve(label);
    await checkRestore(services, { place: 'usb:1-1', backup, askLabel });
  }

  async restore(
    options: { place?: PlaceId; label?: string | null; signal?: AbortSignal } = {},
  ): Promise<RestoreBoardReport> {
    const { place = 'usb:1-1', label = null, signal } = options;
    const watch = await this.present(place);
    const { id } = await this.backup();
    return restoreBoard(
      { devices: this.bench.devices, clock: this.clock, watch },
      {
        place,
        backup: await this.store.load(id),
        askLabel: () => Promise.resolve(label),
        signal,
        onEvent: (event) => this.said.push(event),
      },
    );
  }
}

describe('backup, install, restore', () => {
  it.each([
    ['stm32f446xx', 512],
    ['stm32f407xx', 1024],
    ['stm32f429xx', 1024],
    ['stm32f429xx', 2048],
  ] as const)('leave the flash of an %s of %i KiB unchanged', async (mcu, flashKiB) => {
    await using run = new RestoreBench({ ...bareF446, mcu, flashKiB });
    const first = run.dump();
    await run.flashWithBackup(mcu);
    expect(run.board.running).toBe('can-bridge');
    expect(same(run.dump(), first)).toBe(false);
    await run.enterDfu();
    const report = await run.restore({ label: uid });
    expect(report).toMatchObject({
      place: 'usb:1-1',
      outcome: 'restored',
      bytesVerified: flashKiB * 1024,
      uid,
    });
    expect(same(run.dump(), first)).toBe(true);
  });

  it.each([
    ['an F407, whose ROM does not let the size be read', 'stm32f407xx'],
    ['an F429, whose ROM does', 'stm32f429xx'],
  ] as const)('keep 512 KiB where the ROM of %s describes more than there are', async (_, mcu) => {
    const memories = ['@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg'];
    await using run = new RestoreBench({ ...bareF446, mcu, flashKiB: 512, rom: { memories } });
    const first = run.dump();
    await run.backUpOnly(mcu);
    expect(await run.backup()).toMatchObject({ flashBytes: 512 * 1024 });
    await run.enterDfu();
    expect(await run.restore({ label: (await run.backup()).id })).toMatchObject({ outcome: 'restored' });
    expect(same(run.dump(), first)).toBe(true);
  });

  it('keep size, hash, place and the UID that the ROM reports', async () => {
    await using run = new RestoreBench(bareF446);
    await run.flashWithBackup();
    const record = await run.backup();
    expect(record).toMatchObject({
      ...{ uid, flashBytes: 512 * 1024, place: 'usb:1-1', dfuSerial: 'STM32FxSTM32', virtual: true },
    });
    expect(record.durationMs).toBeGreaterThan(0);
    expect(run.said).toContainEqual({ type: 'backup', backupId: record.id });
  });

  it('keep the UID that only Katapult reports, once it is seen on the same place', async () => {
    await using run = new RestoreBench({ ...bareF446, mcu: 'stm32f407xx' });
    await run.flashWithBackup('stm32f407xx');
    expect((await run.backup()).uid).toBe(uid);
  });

  it('take one backup of a run only, before its first erase', async () => {
    await using run = new RestoreBench(bareF446);
    const counts: number[][] = [];
    run.store.create = ((original) => async (backup) => {
      counts.push([...run.board.flash.eraseCounts]);
      return original.call(run.store, backup);
    })(run.store.create.bind(run.store));
    await run.flashWithBackup();
    expect(counts).toEqual([run.board.flash.eraseCounts.map(() => 0)]);
  });

  it('say that there is no backup of a board that is not in ROM DFU', async () => {
    await using run = new RestoreBench(bareF446);
    await run.flash(await imagesFor());
    run.said.length = 0;
    run.events.length = 0;
    await run.flashWithBackup();
    expect((await run.store.list()).backups).toEqual([]);
    expect(run.events.filter(({ type }) => type === 'note')).toHaveLength(1);
  });
});

describe('a backup that cannot be taken', () => {
  it('erases nothing where the disk is full', async () => {
    await using run = new RestoreBench(bareF446, { freeBytes: () => Promise.resolve(1000) });
    const first = run.dump();
    await expect(run.flashWithBackup()).rejects.toMatchObject({ code: 'file/disk-full', state: 'untouched' });
    expect(same(run.dump(), first)).toBe(true);
    expect((await run.store.list()).backups).toEqual([]);
  });

  it('erases nothing where the chip is read-protected', async () => {
    await using run = new RestoreBench({ ...bareF446, faults: [{ kind: 'read-protection' }] });
    const first = run.dump();
    await expect(run.flashWithBackup()).rejects.toMatchObject({
      code: 'dfu/read-protected',
      state: 'untouched',
    });
    expect(same(run.dump(), first)).toBe(true);
    expect((await run.store.list()).backups).toEqual([]);
  });

  it('is none where the cable is pulled meanwhile', async () => {
    const unplug = { kind: 'unplug', mode: 'dfu', phase: 'read', after: 100_000 } as const;
    await using run = new RestoreBench({ ...bareF446, faults: [unplug] });
    await expect(run.flashWithBackup()).rejects.toMatchObject({ code: 'link/gone', state: 'untouched' });
    expect((await run.store.list()).backups).toEqual([]);
  });
});

describe('a restore is refused, and the board stays as it is,', () => {
  async function refused(
    run: RestoreBench,
    options: Parameters<RestoreBench['restore']>[0],
    error: object,
    id = 'a',
  ): Promise<void> {
    const before = run.dump(id);
    await expect(run.restore(options)).rejects.toMatchObject({ state: 'untouched', ...error });
    expect(same(run.dump(id), before)).toBe(true);
  }

  it('on another chip, whose ROM reports its UID', async () => {
    const other = { ...bareF446, id: 'b', uid: otherUid, port: '1-2' };
    await using run = new RestoreBench(bareF446, {}, other);
    await run.flashWithBackup();
    await refused(run, { place: 'usb:1-2', label: uid }, { code: 'backup/wrong-chip' }, 'b');
  });

  it('on another chip, whose ROM reports only a serial number', async () => {
    const f407 = { ...bareF446, mcu: 'stm32f407xx' } as const;
    await using run = new RestoreBench(f407, {}, { ...f407, id: 'b', uid: otherUid, port: '1-2' });
    await run.flashWithBackup('stm32f407xx');
    await refused(run, { place: 'usb:1-2', label: uid }, { code: 'backup/wrong-chip' }, 'b');
  });

  it('if the ROM reports nothing and the label is not read, or is another one', async () => {
    const silent = { ...bareF446, uidReadable: false };
    await using run = new RestoreBench(silent);
    await run.flashWithBackup();
    await run.enterDfu();
    expect(await codeOfRejection(run.check(null))).toBe('backup/not-confirmed');
    expect(await codeOfRejection(run.check(otherUid))).toBe('backup/wrong-chip');
    await run.check(uid);
    await refused(run, {}, { code: 'backup/not-confirmed' });
    await refused(run, { label: otherUid }, { code: 'backup/wrong-chip' });
    await refused(run, { label: 'yes' }, { code: 'uid/invalid' });
    expect(await run.restore({ label: uid })).toMatchObject({ outcome: 'restored', uid });
  });

  it('on a chip of another size', async () => {
    const f429 = { ...bareF446, mcu: 'stm32f429xx' } as const;
    const large = { ...f429, id: 'b', port: '1-2', uid: otherUid, flashKiB: 2048 } as const;
    await using run = new RestoreBench(f429, {}, large);
    await run.flashWithBackup('stm32f429xx');
    await refused(run, { place: 'usb:1-2' }, { code: 'backup/wrong-size' }, 'b');
  });

  it('on a read-protected chip', async () => {
    await using run = new RestoreBench(bareF446);
    await run.flashWithBackup();
    await run.enterDfu();
    run.board.arm({ kind: 'read-protection' });
    await refused(run, {}, { code: 'dfu/read-protected' });
  });

  it('from a damaged backup', async () => {
    await using run = new RestoreBench(bareF446);
    await run.flashWithBackup();
    await run.enterDfu();
    await writeFile(run.store.pathOf(await run.backup()), new Uint8Array(512 * 1024));
    await refused(run, {}, { code: 'backup/damaged' });
  });

  it('on a board that is not in DFU, and where there is none', async () => {
    await using run = new RestoreBench(bareF446);
    await run.flashWithBackup();
    await refused(run, {}, { code: 'device/wrong-mode', details: { mode: 'can-bridge', wanted: 'dfu' } });
    const watch = await run.present('usb:1-1');
    const services = { devices: run.bench.devices, clock: run.clock, watch };
    const backup = await run.store.load((await run.backup()).id);
    const options = {
      place: usbPlace('1-9'),
      backup,
      askLabel: () => Promise.resolve(null),
      onEvent: () => undefined,
    };
    await expect(restoreBoard(services, options)).rejects.toMatchObject({
      code: 'device/not-found',
      state: 'untouched',
    });
  });
});

describe('a restore under way', () => {
  it('ends at a safe point when it is cancelled, and the next one repairs', async () => {
    await using run = new RestoreBench(bareF446);
    const first = run.dump();
    await run.flashWithBackup();
    await run.enterDfu();
    const controller = new AbortController();
    const watch = run.clock.sleep(2_000).then(() => controller.abort());
    await expect(run.restore({ signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    await watch;
    expect(await run.restore()).toMatchObject({ outcome: 'restored' });
    expect(same(run.dump(), first)).toBe(true);
  });
});
