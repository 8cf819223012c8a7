import { usbPlace } from '../../../app/place.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JobView } from '../../../app/contract/station-contract.ts';
import { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { BackupStore } from '../../../main/backups/backup-store.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { JobList } from '../../../main/jobs/job-list.ts';
import { loadPresets } from '../../../main/presets.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { crystalSupply } from '../../../main/station/rescue/crystal-supply.ts';
import { FlashJobs } from '../../../main/station/flash-jobs.ts';
import { bareF446 } from '../jobs/bench-run.ts';
import { ImagesInMemory } from './bench-rig.ts';

it('holds what it wrote to a board in the cache', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-flash-'));
  try {
    await using firmware = new FirmwareService({
      cacheFolder: folder,
      openPi: () => Promise.reject(new Error('this test has no Pi')),
    });
    const clock = new VirtualClock();
    // Already in Katapult, so that no person is needed.
    await using bench = new VirtualBench({ boards: [{ ...bareF446, boot0: false }] }, { clock });
    const board = bench.board('a');
    board.setPower(false);
    board.flash.load(0x08000000, makeKatapultImage());
    board.setPower(true);
    using watch = await DeviceWatch.open(bench.devices, clock);
    await watch.waitFor((now) => (now.all().length === 1 ? true : null), { timeoutMs: 10_000 });
    await using jobs = new JobList(() => 'no id');
    const flash = new FlashJobs({
      servicesAt: () => ({ devices: bench.devices, clock, watch }),
      jobs,
      cache: firmware.cache,
      crystals: (order) => crystalSupply(firmware, order),
      presets: await loadPresets(),
      // No backup is asked for here: nothing can be made below a file.
      backups: new BackupStore(join(process.execPath, 'no-backups')),
      isVirtual: () => true,
      recorder: null,
      operator: () => null,
    });
    const katapult = await firmware.importImage(makeKatapultImage(), 'katapult.bin');
    const klipper = await firmware.importImage(makeKlipperImage(), 'klipper.bin');
    await firmware.importImage(makeKlipperImage({ seed: 2 }), 'another.bin');
    const { jobId } = await flash.start({
      place: 'usb:1-1',
      board: { presetId: 'btt-octopus', variantId: 'f446' },
      images: { bootloader: katapult.record.key, application: klipper.record.key },
      confirmReadUnprotect: false,
    });
    let job: JobView | null = null;
    const events: string[] = [];
    for await (const { event } of jobs.watch(jobId, 0, new AbortController().signal)) {
      events.push(event.event.type);
    }
    expect(events.at(-1)).toBe('ended');
    for await (const event of jobs.overview(AbortSignal.timeout(10_000))) {
      if (event.type === 'all') job = event.items.find(({ id }) => id === jobId) ?? null;
      break;
    }
    expect(job).toMatchObject({ status: 'done' });
    const held = (await firmware.cache.list()).filter((image) => image.held);
    // Katapult was there before, so this one is on no board.
    expect(held.map(({ record }) => record.key)).toEqual([klipper.record.key]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('starts nothing with images that do not state their crystal, until a person confirms it', async () => {
  const clock = new VirtualClock();
  await using bench = new VirtualBench({ boards: [bareF446] }, { clock });
  using watch = await DeviceWatch.open(bench.devices, clock);
  await using jobs = new JobList(() => 'no id');
  const cache = new ImagesInMemory();
  const flash = new FlashJobs({
    servicesAt: () => ({ devices: bench.devices, clock, watch }),
    jobs,
    cache,
    crystals: (order) => cache.crystals(order),
    presets: await loadPresets(),
    // No backup is asked for here: nothing can be made below a file.
    backups: new BackupStore(join(process.execPath, 'no-backups')),
    isVirtual: () => true,
    recorder: null,
    operator: () => null,
  });
  const order = {
    place: usbPlace('1-1'),
    board: { presetId: 'btt-octopus', variantId: 'f446' },
    images: {
      bootloader: await cache.add(makeKatapultImage()),
      application: await cache.add(makeKlipperImage({ clockCode: 'read' })),
    },
    confirmReadUnprotect: false,
  };
  const vouching = (crystalHz: number) =>
    flash.start({ ...order, confirmations: { chipMarking: null, crystalHz } });
  const refused = (code: string) => ({ code, state: 'untouched' });
  await expect(flash.start(order)).rejects.toMatchObject(refused('image/crystal-unknown'));
  await expect(vouching(8_000_000)).rejects.toMatchObject(refused('image/wrong-crystal'));
  expect(jobs.all()).toEqual([]);
  const { jobId } = await vouching(12_000_000);
  expect(jobs.all()).toMatchObject([{ id: jobId, kind: 'flash-board' }]);
});

it('refuses a bridge another bit rate that leaves a node behind, until a person names the node', async () => {
  const clock = new VirtualClock();
  const running = [
    { address: 0x0800_0000, bytes: makeKatapultImage() },
    { address: 0x0800_8000, bytes: makeKlipperImage() },
  ];
  await using bench = new VirtualBench(
    { boards: [{ ...bareF446, boot0: false, flash: running }] },
    { clock },
  );
  using watch = await DeviceWatch.open(bench.devices, clock);
  await watch.waitFor((now) => (now.all().length === 1 ? true : null), { timeoutMs: 10_000 });
  await using jobs = new JobList(() => 'no id');
  const cache = new ImagesInMemory();
  const node = { canbusUuid: '44db3d634885', presetId: null, bitrateBps: 1_000_000 };
  const flash = new FlashJobs({
    servicesAt: () => ({ devices: bench.devices, clock, watch }),
    jobs,
    cache,
    crystals: (order) => cache.crystals(order),
    presets: await loadPresets(),
    backups: new BackupStore(join(process.execPath, 'no-backups')),
    isVirtual: () => true,
    recorder: null,
    operator: () => null,
    bitrateOf: () => Promise.resolve(1_000_000),
    nodesBehind: (bridge) => Promise.resolve(bridge === 'usb:1-1' ? [node] : []),
  });
  const start = async (bitrateBps: number, lostNodes?: string[]) => {
    const application = await cache.add(makeKlipperImage({ bitrateBps, seed: 3 }));
    const confirmations = { chipMarking: null, crystalHz: null, ...(lostNodes ? { lostNodes } : {}) };
    const images = { bootloader: null, application };
    return flash.start({
      ...{ place: usbPlace('1-1'), board: null, images },
      ...{ confirmReadUnprotect: false, confirmations },
    });
  };
  await expect(start(500_000)).rejects.toMatchObject({
    code: 'can/rate-strands-nodes',
    state: 'untouched',
    details: { nodes: node.canbusUuid, bus: 1_000_000, wanted: 500_000 },
  });
  await expect(start(500_000, ['e7caf8297cd8'])).rejects.toMatchObject({ code: 'can/rate-strands-nodes' });
  expect(jobs.all()).toEqual([]);
  const { jobId } = await start(500_000, [node.canbusUuid]);
  expect(jobs.all()).toMatchObject([{ id: jobId }]);
  jobs.cancel(jobId);
});
