import { type PlaceId, usbPlace } from '../../../app/place.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { BackupRecord } from '../../../app/backups/backup-record.ts';
import type { JobEvent, JobView } from '../../../app/contract/station-contract.ts';
import { BackupStore } from '../../../main/backups/backup-store.ts';
import { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { openHistory } from '../../../main/history/history-access.ts';
import type { History } from '../../../main/history/history.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { JobList } from '../../../main/jobs/job-list.ts';
import { loadPresets } from '../../../main/presets.ts';
import type { Board } from '../../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { crystalSupply } from '../../../main/station/rescue/crystal-supply.ts';
import { FlashJobs } from '../../../main/station/flash-jobs.ts';
import { Claims, type ClaimHolder } from '../../../main/station/claims.ts';
import { Writing } from '../../../main/station/writing.ts';
import { RestoreJobs } from '../../../main/station/restore-jobs.ts';
import { formerContents, same } from '../../conformance/dfu-bench.ts';
import { bareF446, obedientHands, uid } from '../jobs/bench-run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'canopus-station-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The jobs of a station with one virtual board, and the hands of the person in front of it. */
class StationRig implements AsyncDisposable {
  readonly bench: VirtualBench;
  readonly backups: BackupStore;
  readonly history: History;
  readonly jobs: JobList;
  readonly claims: Claims;
  readonly writing: Writing;
  readonly #armed: ClaimHolder;
  isVirtual = true;
  readonly #flash: FlashJobs;
  readonly #firmware: FirmwareService;
  readonly #watch: DeviceWatch;

  private constructor(
    bench: VirtualBench,
    clock: VirtualClock,
    watch: DeviceWatch,
    history: History,
    flash: FlashJobs,
    jobs: JobList,
    firmware: FirmwareService,
    backups: BackupStore,
  ) {
    this.bench = bench;
    this.history = history;
    this.jobs = jobs;
    this.backups = backups;
    this.#flash = flash;
    this.#firmware = firmware;
    this.#watch = watch;
    this.claims = new Claims(jobs);
    this.#armed = this.claims.holder('bench');
    const restores = new RestoreJobs({
      servicesAt: () => ({ devices: bench.devices, clock, watch }),
      jobs,
      backups,
      isVirtual: () => this.isVirtual,
      recorder: history.recorder,
      operator: () => 'Ada',
    });
    this.writing = new Writing({ flash, restores, jobs, claims: this.claims });
  }

  /** The bench takes what comes to these places. */
  set armed(places: readonly PlaceId[]) {
    this.#armed.set(places.map((place) => ({ place, strength: 'writes' })));
  }

  static async open(): Promise<StationRig> {
    const clock = new VirtualClock();
    const bench = new VirtualBench({ boards: [bareF446] }, { clock });
    bench.board('a').flash.load(0x08000000, formerContents(40_000));
    const watch = await DeviceWatch.open(bench.devices, clock);
    const history = await openHistory({ folder, clock });
    const jobs = new JobList(() => 'no id');
    const backups = new BackupStore(join(folder, 'backups'));
    const firmware = new FirmwareService({
      cacheFolder: join(folder, 'cache'),
      openPi: () => Promise.reject(new Error('this test has no Pi')),
    });
    const flash = new FlashJobs({
      servicesAt: () => ({ devices: bench.devices, clock, watch }),
      jobs,
      cache: firmware.cache,
      crystals: (order) => crystalSupply(firmware, order),
      presets: await loadPresets(),
      backups,
      isVirtual: () => true,
      recorder: history.recorder,
      operator: () => null,
    });
    const rig = new StationRig(bench, clock, watch, history, flash, jobs, firmware, backups);
    await rig.present(0xdf11);
    return rig;
  }

  get board(): Board {
    return this.bench.board('a');
  }

  dump(): Uint8Array {
    return this.board.flash.read(0x08000000, this.board.flash.sizeBytes);
  }

  async present(productId: number): Promise<void> {
    const isThere = (now: DeviceWatch): true | null =>
      now.at('usb:1-1')?.device.productId === productId ? true : null;
    await this.#watch.waitFor(isThere, { timeoutMs: 10_000 });
  }

  async flash(backup: boolean): Promise<JobView> {
    const katapult = await this.#firmware.importImage(makeKatapultImage(), 'katapult.bin');
    const klipper = await this.#firmware.importImage(makeKlipperImage(), 'klipper.bin');
    const { jobId } = await this.#flash.start({
      place: 'usb:1-1',
      board: { presetId: 'btt-octopus', variantId: 'f446' },
      images: { bootloader: katapult.record.key, application: klipper.record.key },
      confirmReadUnprotect: false,
      backup,
    });
    return this.end(jobId);
  }

  /** The job when it has ended; the jumper is taken off as soon as it is asked for. */
  async end(jobId: string): Promise<JobView> {
    const hands = obedientHands(this.board);
    for await (const { event } of this.jobs.watch(jobId, 0, new AbortController().signal)) {
      const told: JobEvent = event.event;
      if (told.type === 'ask') hands(told);
    }
    return this.jobs.all().find(({ id }) => id === jobId)!;
  }

  async enterDfu(): Promise<void> {
    this.board.setBoot0(true);
    this.board.setPower(false);
    this.board.setPower(true);
    await this.present(0xdf11);
  }

  async backup(): Promise<BackupRecord> {
    return (await this.backups.list()).backups[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.jobs[Symbol.asyncDispose]();
    this.#watch[Symbol.dispose]();
    await this.bench[Symbol.asyncDispose]();
    await this.#firmware[Symbol.asyncDispose]();
    this.history[Symbol.dispose]();
  }
}

it('keeps the old flash with the board and the run, and restores it as a job with its own run', async () => {
  await using rig = await StationRig.open();
  const first = rig.dump();
  const flashed = await rig.flash(true);
  expect(flashed).toMatchObject({ status: 'done', error: null });
  const record = await rig.backup();
  expect(flashed.backupId).toBe(record.id);
  expect(record).toMatchObject({ uid, presetId: 'btt-octopus', variantId: 'f446', runId: 1, virtual: true });
  await rig.enterDfu();
  const { jobId } = await rig.writing.restore({ place: 'usb:1-1', backupId: record.id, label: null });
  const job = await rig.end(jobId);
  expect(job).toMatchObject({
    ...{ kind: 'restore', status: 'done', place: 'usb:1-1', presetId: 'btt-octopus:f446', uid },
    report: { kind: 'restore', backupId: record.id, outcome: 'restored', uid },
  });
  expect(same(rig.dump(), first)).toBe(true);
  expect(rig.history.get(2)).toMatchObject({
    ...{ kind: 'restore', status: 'done', state: 'restored', backupId: record.id, operator: 'Ada', uid },
  });
});

it('keeps nothing unless asked', async () => {
  await using rig = await StationRig.open();
  expect(await rig.flash(false)).toMatchObject({ status: 'done', backupId: null });
  expect((await rig.backups.list()).backups).toEqual([]);
});

it('refuses a port that the bench is armed for, before and when its turn comes', async () => {
  await using rig = await StationRig.open();
  await rig.flash(true);
  await rig.enterDfu();
  const { id: backupId } = await rig.backup();
  const order = { place: usbPlace('1-1'), backupId, label: null };
  rig.armed = ['usb:1-1'];
  await expect(rig.writing.restore(order)).rejects.toMatchObject({
    code: 'device/claimed',
    state: 'untouched',
  });
  rig.armed = [];
  let finish = (): void => undefined;
  const other = new Promise<null>((resolve) => (finish = () => resolve(null)));
  rig.jobs.start({ kind: 'build', place: 'usb:1-1', presetId: null, run: () => other });
  const { jobId } = await rig.writing.restore(order);
  rig.armed = ['usb:1-1'];
  finish();
  expect((await rig.end(jobId)).error).toMatchObject({ code: 'device/claimed' });
});

it('refuses a backup of a virtual board on a real one, a damaged one, and one that is not there', async () => {
  await using rig = await StationRig.open();
  await rig.flash(true);
  const record = await rig.backup();
  const order = { place: usbPlace('1-1'), backupId: record.id, label: null };
  rig.isVirtual = false;
  await expect(rig.writing.restore(order)).rejects.toMatchObject({ code: 'backup/wrong-chip' });
  rig.isVirtual = true;
  await writeFile(rig.backups.pathOf(record), 'half');
  await expect(rig.writing.restore(order)).rejects.toMatchObject({ code: 'backup/damaged' });
  await expect(rig.writing.restore({ ...order, backupId: '20200101-000000-0000' })).rejects.toMatchObject({
    code: 'backup/unknown',
  });
});

it('ends at a safe point when it is cancelled, and says so in the history', async () => {
  await using rig = await StationRig.open();
  await rig.flash(true);
  await rig.enterDfu();
  const { id: backupId } = await rig.backup();
  const { jobId } = await rig.writing.restore({ place: 'usb:1-1', backupId, label: null });
  for await (const { event } of rig.jobs.watch(jobId, 0, new AbortController().signal)) {
    if (event.event.type === 'phase' && event.event.phase === 'write') rig.jobs.cancel(jobId);
  }
  expect(rig.history.get(2)).toMatchObject({ kind: 'restore', status: 'cancelled', state: 'dfu-partial' });
  const again = await rig.writing.restore({ place: 'usb:1-1', backupId, label: null });
  expect(await rig.end(again.jobId)).toMatchObject({ status: 'done' });
});
