import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobView } from '../../../../app/contract/station-contract.ts';
import { BackupStore } from '../../../../main/backups/backup-store.ts';
import type { CrystalImages } from '../../../../main/jobs/crystal-images.ts';
import { DeviceWatch } from '../../../../main/jobs/device-watch.ts';
import { JobList } from '../../../../main/jobs/job-list.ts';
import { loadPresets } from '../../../../main/presets.ts';
import type { Board } from '../../../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../../main/sim/virtual-bench.ts';
import { FlashJobs } from '../../../../main/station/flash-jobs.ts';
import { bareF446 } from '../../jobs/bench-run.ts';
import { ImagesInMemory, powerCycle } from '../bench-rig.ts';
import { Seen } from '../pis-fixture.ts';

export const presets = await loadPresets();
export const octopus = { presetId: 'btt-octopus', variantId: 'f446' };

/** A station's flash jobs, and one bare F446 with another crystal than its preset says. */
export interface RescueRig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly bench: VirtualBench;
  readonly board: Board;
  readonly cache: ImagesInMemory;
  readonly jobs: JobList;
  readonly flash: FlashJobs;
  readonly views: Seen<JobView>;
  /** What a search can write instead of look-alikes. */
  supply: CrystalImages | null;
}

export async function openRescueRig(crystalHz: number): Promise<RescueRig> {
  const clock = new VirtualClock();
  const bench = new VirtualBench({ boards: [{ ...bareF446, crystalHz }] }, { clock });
  const watch = await DeviceWatch.open(bench.devices, clock);
  await watch.waitFor((now) => now.at('usb:1-1'), { timeoutMs: 10_000 });
  const cache = new ImagesInMemory();
  const jobs = new JobList(() => 'no id');
  const backups = await mkdtemp(join(tmpdir(), 'canopus-backups-'));
  const flash = new FlashJobs({
    servicesAt: () => ({ devices: bench.devices, clock, watch }),
    jobs,
    cache,
    presets,
    crystals: async (order) => rig.supply ?? (await cache.crystals(order)),
    backups: new BackupStore(backups),
    isVirtual: () => true,
    recorder: null,
    operator: () => null,
  });
  const stop = new AbortController();
  const views = new Seen(jobs.overview(stop.signal));
  const rig: RescueRig = {
    supply: null,
    ...{ clock, bench, cache, jobs, flash, views },
    board: bench.board('a'),
    async [Symbol.asyncDispose]() {
      await jobs[Symbol.asyncDispose]();
      stop.abort();
      watch[Symbol.dispose]();
      await bench[Symbol.asyncDispose]();
      await rm(backups, { recursive: true, force: true });
    },
  };
  return rig;
}

/** Both images for a crystal, in the cache. */
export async function pairFor(cache: ImagesInMemory, crystalHz: number) {
  return {
    bootloader: await cache.add(makeKatapultImage({ crystalHz })),
    application: await cache.add(makeKlipperImage({ crystalHz })),
  };
}

/** A person who does what jobs ask for; the jumper stays on until `isJumperAllowed`. */
export async function helpingHands(
  { jobs, board }: Pick<RescueRig, 'jobs' | 'board'>,
  isJumperAllowed: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  let done = '';
  for await (const event of jobs.overview(signal)) {
    const views = event.type === 'all' ? event.items : event.type === 'item' ? [event.item] : [];
    for (const { ask, search } of views) {
      const now = ask === null ? '' : `${ask} ${search?.stage ?? ''} ${search?.crystalHz ?? ''}`;
      if (now === done || (ask === 'remove-jumper' && !isJumperAllowed())) continue;
      done = now;
      if (ask === 'back-to-dfu' || ask === 'press-reset') board.reset();
      if (ask === 'wake-katapult') board.doubleTap();
      if (ask === 'remove-jumper') powerCycle(board, false);
    }
  }
}
