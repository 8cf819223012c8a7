import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FlowState } from '../../../app/flow/flow-state.ts';
import { BackupStore } from '../../../main/backups/backup-store.ts';
import { DeviceWatch } from '../../../main/jobs/device-watch.ts';
import { JobList } from '../../../main/jobs/job-list.ts';
import { loadPresets } from '../../../main/presets.ts';
import type { BoardInput } from '../../../main/sim/bench-config.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import { FlashJobs } from '../../../main/station/flash-jobs.ts';
import { FlowRunner } from '../../../main/station/flow-runner.ts';
import { LiveBoards } from '../../../main/station/live-boards.ts';
import { devicesOf, seeAs } from '../host-systems.ts';
import { withBridge, withKatapult } from '../sim/bench-rig.ts';
import { ImagesInMemory, imagesFor, variants } from './bench-rig.ts';
import { openPis, type PisFixture } from './pis-fixture.ts';
import { noCards, writingWith } from './writing-rig.ts';

const presets = await loadPresets();
const uid = '430014000A50534E4E313120';
const bare: BoardInput = { id: 'a', mcu: 'stm32f446xx', uid, port: '1-1', boot0: true, plugged: false };

let opened: (() => Promise<void>) | null = null;
let desk: PisFixture | null = null;
afterEach(async () => {
  await opened?.();
  await desk?.[Symbol.asyncDispose]();
  opened = null;
});

/** From a flow that waits for its board to the one that is as wanted; hands obey. */
async function flowOf(
  board: BoardInput,
  bringIn: (bench: VirtualBench) => void,
  isSo: (flow: FlowState) => boolean,
): Promise<FlowState> {
  const clock = new VirtualClock();
  const bench = new VirtualBench({ boards: [board] }, { clock });
  const devices = devicesOf(bench);
  const watch = await DeviceWatch.open(devices, clock);
  const boards = await LiveBoards.open(devices);
  const cache = new ImagesInMemory();
  const faults: unknown[] = [];
  const jobs = new JobList((error) => String(faults.push(error)));
  const folder = await mkdtemp(join(tmpdir(), 'canopus-flow-'));
  const flash = new FlashJobs({
    ...{ servicesAt: () => ({ devices, clock, watch }), jobs, cache, presets, recorder: null },
    crystals: (order) => cache.crystals(order),
    backups: new BackupStore(join(folder, 'backups')),
    isVirtual: () => true,
    operator: () => null,
  });
  desk = await openPis();
  const runner = await FlowRunner.open({
    ...{ boards, jobs, ...writingWith(flash, jobs), presets, pis: desk.desk, folder, cards: noCards },
    isVirtual: () => true,
    now: () => new Date(Date.UTC(2026, 0, 1) + clock.nowMs()),
    onUnsaved: (error) => void faults.push(error),
  });
  const stop = new AbortController();
  opened = async () => {
    stop.abort();
    await runner[Symbol.asyncDispose]();
    await jobs[Symbol.asyncDispose]();
    boards[Symbol.dispose]();
    watch[Symbol.dispose]();
    await devices[Symbol.asyncDispose]();
    await bench[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
    expect(faults).toEqual([]);
  };
  void obey(jobs, bench, stop.signal);
  const { bootloader, application } = imagesFor(board.mcu);
  const images = { bootloader: await cache.add(bootloader), application: await cache.add(application) };
  const { id } = runner.start(null);
  runner.choose({ id, choice: { type: 'choose-board', board: variants.stm32f446xx } });
  runner.choose({ id, choice: { type: 'choose-images', images } });
  bringIn(bench);
  for await (const event of runner.follow(stop.signal)) {
    const flows = event.type === 'all' ? event.items : event.type === 'item' ? [event.item] : [];
    const found = flows.find(isSo);
    if (found !== undefined) return found;
  }
  throw new Error('the flow ended');
}

async function obey(jobs: JobList, bench: VirtualBench, signal: AbortSignal): Promise<void> {
  let last: string | null = null;
  for await (const event of jobs.overview(signal)) {
    const views = event.type === 'all' ? event.items : event.type === 'item' ? [event.item] : [];
    for (const { ask } of views) {
      if (ask === last) continue;
      last = ask;
      const board = bench.board('a');
      if (ask === 'press-reset') board.reset();
      if (ask === 'double-tap') board.doubleTap();
      if (ask !== 'remove-jumper') continue;
      board.setPower(false);
      board.setBoot0(false);
      board.setPower(true);
    }
  }
}

describe.each(['linux', 'win32', 'darwin'] as const)('a guided flow on %s', (system) => {
  it.each<[string, BoardInput]>([
    ['a bare board in DFU', bare],
    ['a board in Katapult', { ...bare, boot0: false, flash: withKatapult }],
  ])('takes %s to a bridge whose UUID is known, without a choice', async (_what, board) => {
    seeAs(system);
    const flow = await flowOf(
      board,
      (bench) => bench.board('a').plug(),
      ({ stage, trouble }) => stage === 'pi' || trouble !== null,
    );
    expect(flow).toMatchObject({ stage: 'pi', uid, canbusUuid: '6beb0175188a', trouble: null });
  });

  it('goes on with a board that is brought from its bridge into Katapult by hand', async () => {
    seeAs(system);
    const flow = await flowOf(
      { ...bare, boot0: false, flash: withBridge },
      (bench) => {
        const board = bench.board('a');
        const stop = bench.listen((event) => {
          if (event.type !== 'attach' || event.device.mode !== 'can-bridge') return;
          stop();
          board.doubleTap();
        });
        board.plug();
      },
      ({ stage, trouble }) => stage === 'pi' || trouble !== null,
    );
    expect(flow).toMatchObject({ stage: 'pi', uid, canbusUuid: '6beb0175188a', trouble: null });
  });
});
