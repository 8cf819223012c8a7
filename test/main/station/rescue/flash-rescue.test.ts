import { usbPlace } from '../../../../app/place.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { presentImages } from '../../../../app/image/image-parts.ts';
import { helpingHands, octopus, openRescueRig, pairFor, type RescueRig } from './rescue-rig.ts';

let rig: RescueRig;
const stop = new AbortController();
afterEach(() => rig[Symbol.asyncDispose]());

async function order(crystalHz: number) {
  const images = await pairFor(rig.cache, crystalHz);
  return { place: usbPlace('1-1'), board: octopus, images, confirmReadUnprotect: false };
}

describe('a flash job whose board stays silent', () => {
  it('offers the search, and ends as a bridge with what was found once a window begins it', async () => {
    rig = await openRescueRig(8_000_000);
    const { jobId } = await rig.flash.start(await order(12_000_000));
    expect(rig.flash.search(jobId)).toBe(false);
    const { sight, offer } = await rig.views.until(({ offer: now }) => now !== null);
    expect(sight).toEqual({ sight: 'unreadable', builtForHz: 12_000_000 });
    expect(offer?.map((hz) => hz / 1e6)).toEqual([12, 8, 16, 20]);
    void helpingHands(rig, () => true, stop.signal);
    expect(rig.flash.search(jobId)).toBe(true);
    const { status, report, offer: after } = await rig.views.until(({ endedAt }) => endedAt !== null);
    expect([status, after]).toEqual(['done', null]);
    if (report?.kind !== 'flash-board') throw new Error('it is no report of a flashed board');
    expect(report.found).toMatchObject({ crystalHz: 8_000_000 });
    for (const key of presentImages(report.found!.images)) {
      expect(await rig.cache.readRecord(key)).toMatchObject({ info: { crystalHz: 8_000_000 } });
    }
    expect(rig.board.running).toBe('can-bridge');
  });

  it('is searched at once where that was ordered, without what was silent before', async () => {
    rig = await openRescueRig(20_000_000);
    void helpingHands(rig, () => true, stop.signal);
    const search = { silentHz: [12_000_000, 8_000_000] };
    const { jobId } = await rig.flash.start({ ...(await order(12_000_000)), search });
    const tried: number[] = [];
    for await (const { event } of rig.jobs.watch(jobId, 0, stop.signal)) {
      if (event.event.type === 'search' && event.event.stage === 'try')
        tried.push(event.event.crystalHz / 1e6);
    }
    expect(tried).toEqual([16, 20]);
    expect((await rig.views.until(({ endedAt }) => endedAt !== null)).status).toBe('done');
  });

  it('takes the crystal that was found on another board before the one of the preset', async () => {
    rig = await openRescueRig(8_000_000);
    void helpingHands(rig, () => true, stop.signal);
    const wrong = rig.flash.start(await order(8_000_000));
    await expect(wrong).rejects.toMatchObject({ code: 'image/wrong-crystal' });
    await rig.flash.start({ ...(await order(8_000_000)), crystalHz: 8_000_000 });
    const { status, search } = await rig.views.until(({ endedAt }) => endedAt !== null);
    expect([status, search]).toEqual(['done', null]);
  });

  it('says before it writes that nothing can be searched for, and why', async () => {
    rig = await openRescueRig(8_000_000);
    const cannot = {
      crystalsHz: [],
      obstacle: 'there is no compiler.',
      get: () => Promise.reject(new Error()),
    };
    rig.supply = cannot;
    const { jobId } = await rig.flash.start(await order(12_000_000));
    const said: string[] = [];
    for await (const { event } of rig.jobs.watch(jobId, 0, stop.signal)) {
      const { event: now } = event;
      if (now.type === 'note') said.push(now.text);
      if (now.type === 'phase' && now.phase === 'erase') said.push('erase');
      if (now.type === 'sight') break;
    }
    expect(said[0]).toMatch(/crystal cannot be searched for: there is no compiler/);
    expect(said.at(-1)).toBe('erase');
    expect(rig.jobs.all()[0]!.offer).toBeNull();
  });
});
