import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { canbusUuid } from '../../../../app/boards/canbus-uuid.ts';
import type { FlowState } from '../../../../app/flow/flow-state.ts';
import { FlowRunner } from '../../../../main/station/flow-runner.ts';
import { LiveBoards } from '../../../../main/station/live-boards.ts';
import { uid } from '../../jobs/bench-run.ts';
import { openPis, Seen } from '../pis-fixture.ts';
import { helpingHands, octopus, openRescueRig, pairFor, presets, type RescueRig } from './rescue-rig.ts';
import { noCards, writingWith } from '../writing-rig.ts';

interface FlowRig {
  readonly rig: RescueRig;
  readonly runner: FlowRunner;
  readonly flows: Seen<FlowState>;
  readonly id: string;
}

const closing: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A window has chosen the Octopus and images for its 12 MHz, or others, for a board in DFU with another crystal. */
async function open(hasHz: number, wroteHz = 12_000_000): Promise<FlowRig> {
  const rig = await openRescueRig(hasHz);
  // Nobody goes as far as the Pi here.
  const pi = await openPis();
  const folder = await mkdtemp(join(tmpdir(), 'canopus-rescue-'));
  const runner = await FlowRunner.open({
    ...{ jobs: rig.jobs, ...writingWith(rig.flash, rig.jobs), presets, pis: pi.desk, folder, cards: noCards },
    boards: await LiveBoards.open(rig.bench.devices),
    isVirtual: () => true,
    now: () => new Date('2026-01-01T00:00:00.000Z'),
    onUnsaved: (error) => {
      throw error;
    },
  });
  const stop = new AbortController();
  closing.push(
    () => rm(folder, { recursive: true, force: true }),
    () => pi[Symbol.asyncDispose](),
    () => rig[Symbol.asyncDispose](),
    () => runner[Symbol.asyncDispose](),
    () => {
      stop.abort();
      return Promise.resolve();
    },
  );
  void helpingHands(rig, () => rig.jobs.all().some(({ search }) => search?.stage === 'found'), stop.signal);
  const { id } = runner.start('usb:1-1');
  runner.choose({ id, choice: { type: 'choose-board', board: octopus } });
  const crystalHz = wroteHz === 12_000_000 ? null : wroteHz;
  const images = await pairFor(rig.cache, wroteHz);
  runner.choose({ id, choice: { type: 'choose-images', images, crystalHz } });
  return { rig, runner, id, flows: new Seen(runner.follow(stop.signal)) };
}

describe('a guided flow whose board has another crystal', () => {
  it.each([
    { wrote: 12_000_000, has: 8_000_000 },
    { wrote: 8_000_000, has: 12_000_000 },
  ])('ends in a running bridge without a terminal: $wrote Hz on $has Hz', async ({ wrote, has }) => {
    const { rig, runner, id, flows } = await open(has, wrote);
    await rig.views.until(({ offer }) => offer !== null);
    runner.choose({ id, choice: { type: 'find-crystal' } });
    const done = await flows.until(({ stage }) => stage === 'pi');
    expect(done).toMatchObject({ uid, canbusUuid: canbusUuid(uid), crystalHz: has, trouble: null });
    expect(await rig.cache.readRecord(done.images!.application)).toMatchObject({ info: { crystalHz: has } });
    expect(rig.board.running).toBe('can-bridge');
  });

  it('ends there, too, where the search is begun only after the first try has failed', async () => {
    const { rig, runner, id, flows } = await open(8_000_000);
    const failed = await flows.until(({ trouble }) => trouble !== null);
    expect(failed.trouble).toMatchObject({ code: 'device/did-not-return', state: 'dfu-written' });
    runner.choose({ id, choice: { type: 'find-crystal' } });
    expect(await flows.until(({ stage }) => stage === 'pi')).toMatchObject({ crystalHz: 8_000_000 });
    expect(rig.board.running).toBe('can-bridge');
  });
});
