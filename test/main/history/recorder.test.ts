import { describe, expect, it } from 'vitest';
import { storedInfoOf, type ImageRecord } from '../../../app/build/image-record.ts';
import { CanopusError } from '../../../app/errors.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { SampleCrystals } from '../jobs/sample-crystals.ts';
import { markInterrupted } from '../../../main/history/interrupted-runs.ts';
import { recordedBoard } from '../../../main/history/recorded-board.ts';
import { recordedUuidSource } from '../../../main/history/recorded-uuid.ts';
import { openDatabase } from '../../../main/history/open-database.ts';
import type { History } from '../../../main/history/history.ts';
import type { BoardImages } from '../../../main/jobs/board-images.ts';
import { flashBoard } from '../../../main/jobs/flash-board.ts';
import { recordRun } from '../../../main/jobs/run-recorder.ts';
import type { Fault } from '../../../main/sim/fault.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { codeOf } from '../../error-code.ts';
import { Random } from '../../fixtures/random.ts';
import { asLoaded, BenchRun, bareF446, imagesFor, obedientHands, uid } from '../jobs/bench-run.ts';
import { HistoryBench, samplePlan } from './history-bench.ts';

const flashKiB = 512;

/** Flashes the virtual board with a record of it; `onEvent` sees each event before the record and after it. */
async function flashRecorded(
  history: History,
  run: BenchRun,
  images: BoardImages,
  onEvent: (when: 'before' | 'after') => void = () => undefined,
): Promise<void> {
  const watch = await run.present('usb:1-1');
  const services = { devices: run.bench.devices, clock: run.clock, watch };
  const hands = obedientHands(run.board);
  await recordRun(
    history.recorder,
    await samplePlan({ images }),
    (event) => {
      onEvent('after');
      hands(event);
    },
    (tell) =>
      flashBoard(services, {
        place: 'usb:1-1',
        images,
        personTimeoutMs: 60_000,
        onEvent: (event) => {
          run.events.push(event);
          onEvent('before');
          tell(event);
        },
      }),
  );
}

function newestRun(history: History) {
  return history.get(history.page({}, 1).runs[0]!.id);
}

describe('the record of a run', () => {
  it('exists before the board is touched and has everything at the end', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await using run = new BenchRun(bareF446);
    const seen: string[] = [];
    await flashRecorded(history, run, await imagesFor(), () => {
      const { status, state } = newestRun(history);
      if (seen.at(-1) !== `${status} ${state}`) seen.push(`${status} ${state}`);
    });
    expect(seen).toEqual([
      'running untouched',
      'running dfu-partial',
      'running dfu-written',
      'running running-katapult',
      'running katapult-partial',
      'running katapult-verified',
      'running running-bridge',
    ]);
    const record = newestRun(history);
    expect(record).toMatchObject({
      status: 'done',
      kind: 'flash-board',
      presetId: 'btt-octopus-pro-1.1',
      variantId: 'f446',
      mcu: 'stm32f446xx',
      uid,
      canbusUuid: '6beb0175188a',
      canbusUuidSource: 'confirmed',
      operator: 'Ada',
      state: 'running-bridge',
      error: null,
      images: [
        { part: 'bootloader', result: 'verified', name: 'katapult.bin', origin: 'file', build: null },
        { part: 'application', result: 'verified', name: 'klipper.bin' },
      ],
    });
    expect(record.phases.map(({ step, phase }) => `${step ?? ''} ${phase}`)).toEqual([
      'install-katapult connect',
      'install-katapult check',
      'install-katapult erase',
      'install-katapult write',
      'install-katapult verify',
      'install-katapult leave',
      'install-klipper connect',
      'install-klipper check',
      'install-klipper write',
      'install-klipper verify',
      'install-klipper leave',
    ]);
  });

  it(
    'tells the truth about the flash at every moment, whatever goes wrong',
    { timeout: 60_000 },
    async () => {
      const katapult = await asLoaded('katapult.bin', makeKatapultImage());
      const klipper = await asLoaded('klipper.bin', makeKlipperImage({ size: 20_480 }));
      const images = { ...(await imagesFor()), bootloader: katapult, application: klipper };
      const random = new Random(20260504);
      const ends = new Set<string>();
      using bench = new HistoryBench();
      const history = await bench.open();
      for (let round = 0; round < 16; round++) {
        await using run = new BenchRun(bareF446);
        await run.present('usb:1-1');
        const before = dump(run);
        run.board.arm(faultOf(round, random));
        let moments = 0;
        const check = (): void => {
          moments += 1;
          // Progress comes hundreds of times and hardly ever means anything to a record.
          if (moments % 7 !== 0 && run.events.at(-1)?.type === 'progress') return;
          const { state, images: recorded } = newestRun(history);
          if (state === 'untouched') expect(dump(run).equals(before)).toBe(true);
          if (state === 'dfu-written' || state === 'running-katapult') {
            expect(run.holds(katapult)).toBe(true);
          }
          if (state === 'katapult-verified' || state === 'running-bridge')
            expect(run.holds(klipper)).toBe(true);
          for (const [index, image] of [katapult, klipper].entries()) {
            if (recorded[index]!.result === 'verified') expect(run.holds(image)).toBe(true);
          }
        };
        const error = await flashRecorded(history, run, images, check).then(
          () => null,
          (thrown: unknown) => thrown as CanopusError,
        );
        check();
        const record = newestRun(history);
        expect(record.status).toBe(error === null ? 'done' : 'failed');
        expect(record.error?.code ?? null).toBe(error?.code ?? null);
        expect(record.error?.state ?? 'running-bridge').toBe(record.state);
        expect(record.endedAt).not.toBeNull();
        ends.add(record.state);
      }
      expect([...ends].sort()).toEqual([
        'dfu-partial',
        'katapult-partial',
        'running-bridge',
        'running-katapult',
        'untouched',
      ]);
    },
  );

  it('counts what was erased, for the chip that it was erased on', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    for (let round = 0; round < 2; round++) {
      await using run = new BenchRun(bareF446);
      await flashRecorded(history, run, await imagesFor());
    }
    expect(history.wear(uid)).toEqual({
      runs: 2,
      cycles: 4,
      // Katapult erases the application's first sector, Klipper's image begins in it.
      sectors: [
        { start: 0x08000000, size: 16_384, times: 2 },
        { start: 0x08008000, size: 16_384, times: 4 },
        { start: 0x0800c000, size: 16_384, times: 2 },
        { start: 0x08010000, size: 65_536, times: 2 },
      ],
    });
  });

  it('has the UUID that the bus has, and calls it computed until then', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const entry = history.recorder.begin(await samplePlan({ uid }));
    expect(newestRun(history)).toMatchObject({ canbusUuid: '6beb0175188a', canbusUuidSource: 'computed' });
    entry.done({ uid, canbusUuid: 'cafecafecafe', canbusUuidSource: 'confirmed' });
    expect(newestRun(history)).toMatchObject({ canbusUuid: 'cafecafecafe', canbusUuidSource: 'confirmed' });
    expect(history.page({ canbusUuid: 'cafecafecafe' }, 1).runs).toHaveLength(1);
    const access = { open: () => history };
    expect(recordedUuidSource(access, 'cafecafecafe')).toBe('confirmed');
    expect(recordedUuidSource(access, '6beb0175188a')).toBeNull();
    const damaged = (): never => {
      throw new CanopusError('history/damaged', 'history.sqlite: not a database');
    };
    expect(recordedUuidSource({ open: damaged }, 'cafecafecafe')).toBeNull();
  });

  it('has the bit rate that a board was built with, until something else was written', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const access = { open: () => history };
    const images = await imagesFor();
    const { application } = images;
    const record: ImageRecord = {
      ...{ format: 1, key: 'b'.repeat(64), origin: 'imported', presetId: null, build: null },
      info: { ...storedInfoOf(application.info), can: { role: 'bridge', pins: null, bitrateBps: 500_000 } },
      ...{ importedFrom: 'klipper.bin', createdAt: '2026-05-04T08:00:00.000Z' },
    };
    const readRecord = (key: string) => Promise.resolve(key === record.key ? record : null);
    const flash = async (images: BoardImages) => {
      await using run = new BenchRun(bareF446);
      await flashRecorded(history, run, images);
    };
    await flash({ ...images, application: { ...application, record } });
    expect(await recordedBoard(access, readRecord, '6beb0175188a')).toEqual({
      ...{ canbusUuid: '6beb0175188a', presetId: 'btt-octopus-pro-1.1', variantId: 'f446' },
      ...{ version: application.info.version, bitrateBps: 500_000 },
    });
    const none = () => Promise.resolve(null);
    expect(await recordedBoard(access, none, '6beb0175188a')).toMatchObject({ bitrateBps: null });
    expect(await recordedBoard(access, readRecord, 'cafecafecafe')).toBeNull();
    // A file of which nothing is kept.
    await flash(images);
    expect(await recordedBoard(access, readRecord, '6beb0175188a')).toMatchObject({ bitrateBps: null });
    const damaged = (): never => {
      throw new CanopusError('history/damaged', 'history.sqlite: not a database');
    };
    expect(await recordedBoard({ open: damaged }, readRecord, '6beb0175188a')).toBeNull();
  });

  it('keeps virtual boards apart', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const entry = history.recorder.begin(await samplePlan({ isVirtual: true, uid }));
    entry.take({ type: 'step', step: 'install-katapult', place: 'usb:1-1' });
    entry.take({ type: 'phase', phase: 'erase', safeToStop: false });
    entry.done({ uid });
    expect(history.page({}, 10).runs).toEqual([]);
    expect(history.page({ boards: 'virtual' }, 10).runs).toHaveLength(1);
    expect(history.wear(uid)).toEqual({ runs: 0, cycles: 0, sectors: [] });
    expect(history.heldImages()).toEqual(new Set());
  });

  it('holds the images of real boards', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const { images, ...plan } = await samplePlan();
    history.recorder.begin({ ...plan, images });
    history.recorder.begin({ ...plan, images });
    const hashes = [images.bootloader, images.application].map((image) => image!.info.sha256);
    expect(history.heldImages()).toEqual(new Set(hashes));
  });

  it('takes a refusal of the first erase for what it is', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await using run = new BenchRun(bareF446);
    await run.present('usb:1-1');
    run.board.arm({ kind: 'read-protection' });
    await expect(flashRecorded(history, run, await imagesFor())).rejects.toMatchObject({
      code: 'dfu/read-protected',
    });
    const { state, images, phase, error } = newestRun(history);
    expect({ state, phase, code: error?.code }).toEqual({
      state: 'untouched',
      phase: 'erase',
      code: 'dfu/read-protected',
    });
    expect(images.map(({ result }) => result)).toEqual(['not-written', 'not-written']);
  });

  it('names the images that a search for the crystal has written, and the crystal', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    await using run = new BenchRun({ ...bareF446, crystalHz: 8_000_000 });
    const watch = await run.present('usb:1-1');
    const services = { devices: run.bench.devices, clock: run.clock, watch };
    const images = await imagesFor();
    const hands = obedientHands(run.board);
    await recordRun(
      history.recorder,
      await samplePlan({ images }),
      (event) => (event.type === 'ask' && event.ask === 'back-to-dfu' ? run.board.reset() : hands(event)),
      (onEvent, _, onImages) =>
        flashBoard(services, {
          ...{ place: 'usb:1-1', images, onEvent, onImages },
          search: { images: new SampleCrystals([16_000_000, 8_000_000]), when: 'when-silent' },
        }),
    );
    const record = newestRun(history);
    expect(record).toMatchObject({ status: 'done', state: 'running-bridge', crystalHz: 8_000_000 });
    const held = (at: number, size: number) => run.board.flash.read(at, size);
    for (const [index, at] of [0x08000000, 0x08008000].entries()) {
      const image = record.images[index]!;
      expect(image).toMatchObject({
        result: 'verified',
        sha256: (await inspectImage(held(at, image.size))).sha256,
      });
      expect(history.heldImages().has(image.sha256)).toBe(true);
    }
  });

  it('that cannot be written is reported once, and the work continues', async () => {
    const notes: string[] = [];
    const broken = {
      begin: () => ({
        id: 1,
        take: () => {
          throw new Error('the disk is full');
        },
        images: () => undefined,
        done: () => undefined,
        failed: () => undefined,
      }),
    };
    const report = await recordRun(
      broken,
      await samplePlan(),
      (event) => {
        if (event.type === 'note') notes.push(event.text);
      },
      (tell) => {
        tell({ type: 'phase', phase: 'connect', safeToStop: true });
        tell({ type: 'phase', phase: 'check', safeToStop: true });
        return Promise.resolve({ uid: null });
      },
    );
    expect(report).toEqual({ uid: null });
    expect(notes).toEqual(['The history does not have all of this run: the disk is full']);
  });
});

describe('a run whose process is gone', () => {
  it('is marked as interrupted with the state of the board; runs of living processes are not', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const plan = await samplePlan();
    const dead = history.recorder.begin(plan);
    dead.take({ type: 'step', step: 'install-katapult', place: 'usb:1-1' });
    dead.take({ type: 'phase', phase: 'erase', safeToStop: false });
    const alive = history.recorder.begin({ ...plan, place: 'usb:1-2' });
    using other = openDatabase(bench.file);
    // As if the first one had been begun before the computer was started anew.
    other.exec("update runs set process_started_at = 'an-earlier-boot/1' where place = 'usb:1-1'");
    expect(await history.markInterrupted()).toBe(1);
    expect(await markInterrupted(other)).toBe(0);

    const [found, ...more] = history.interrupted();
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      status: 'interrupted',
      place: 'usb:1-1',
      phase: 'erase',
      state: 'dfu-partial',
      error: { code: 'job/interrupted', state: 'dfu-partial' },
    });
    expect(found!.endedAt).toBe(found!.updatedAt);
    history.acknowledge(found!.id);
    expect(history.interrupted()).toEqual([]);
    expect(codeOf(() => history.acknowledge(4711))).toBe('history/unknown-run');

    alive.done({ uid });
    expect(history.page({ status: 'done' }, 10).runs.map(({ place }) => place)).toEqual(['usb:1-2']);
  });

  it('is marked with what its process wrote last, also while it was being looked for', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    const run = history.recorder.begin(await samplePlan());
    using other = openDatabase(bench.file);
    other.exec("update runs set process_started_at = 'an-earlier-boot/1'");
    const marking = markInterrupted(other);
    run.take({ type: 'step', step: 'install-katapult', place: 'usb:1-1' });
    run.take({ type: 'phase', phase: 'erase', safeToStop: false });
    expect(await marking).toBe(1);
    const [found] = history.interrupted();
    expect(found).toMatchObject({ state: 'dfu-partial', error: { state: 'dfu-partial' } });
  });

  it('of another computer that shares the folder is left alone', async () => {
    using bench = new HistoryBench();
    const history = await bench.open();
    history.recorder.begin(await samplePlan());
    using other = openDatabase(bench.file);
    other.exec("update runs set host = 'another-computer', process_id = 1");
    expect(await history.markInterrupted()).toBe(0);
  });
});

function dump(run: BenchRun): Buffer {
  return Buffer.from(run.board.flash.read(0x08000000, flashKiB * 1024));
}

/** What can go wrong, each somewhere else in every run of the test's numbers. */
function faultOf(round: number, random: Random): Fault {
  const faults: readonly Fault[] = [
    { kind: 'no-return' },
    { kind: 'unplug', mode: 'dfu', phase: 'erase', after: random.below(3) },
    { kind: 'unplug', mode: 'dfu', phase: 'write', after: random.below(4000) },
    { kind: 'unplug', mode: 'dfu', phase: 'read', after: random.below(4000) },
    { kind: 'unplug', mode: 'katapult', phase: 'request', after: 0 },
    { kind: 'unplug', mode: 'katapult', phase: 'erase', after: random.below(3) },
    { kind: 'unplug', mode: 'katapult', phase: 'write', after: random.below(20_000) },
    { kind: 'unplug', mode: 'katapult', phase: 'read', after: random.below(20_000) },
    { kind: 'stall', mode: 'dfu', nth: random.below(40) },
    { kind: 'lost-answer', mode: 'katapult', nth: random.below(80) },
    {
      kind: 'stuck-bit',
      address: 0x08000000 + random.below(50_000),
      bit: random.below(8),
      sticksAt: 1,
    },
    { kind: 'read-protection' },
  ];
  return faults[round % faults.length] ?? { kind: 'no-return' };
}
