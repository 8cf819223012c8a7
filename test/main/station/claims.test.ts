import { describe, expect, it } from 'vitest';
import type { PlaceId } from '../../../app/place.ts';
import { JobList } from '../../../main/jobs/job-list.ts';
import { Claims, type ClaimHolder, type ClaimStrength } from '../../../main/station/claims.ts';
import { Writing, type StartedRun } from '../../../main/station/writing.ts';

const here = 'usb:1-4.2';
const there = 'usb:1-1';
const claimed = (owner: 'flow' | 'bench' | 'run'): unknown =>
  expect.objectContaining({ code: 'device/claimed', state: 'untouched', details: { place: here, owner } });

/** A station with nothing in it but jobs that end on request. */
class Rig {
  readonly jobs = new JobList(() => 'no id');
  readonly claims = new Claims(this.jobs);
  readonly ends: (() => void)[] = [];
  readonly writing = new Writing({
    ...{ jobs: this.jobs, claims: this.claims },
    flash: {
      start: async ({ place }, more) => {
        // Images are loaded first.
        await Promise.resolve();
        return this.#start('flash-board', place, more?.checkStart);
      },
      search: () => false,
    },
    restores: {
      start: ({ place }, checkStart) => Promise.resolve(this.#start('restore', place, checkStart)),
      check: () => Promise.resolve(),
    },
  });

  holder(kind: 'flow' | 'bench', ...claims: readonly (readonly [PlaceId, ClaimStrength])[]): ClaimHolder {
    const holder = this.claims.holder(kind);
    holder.set(claims.map(([place, strength]) => ({ place, strength })));
    return holder;
  }

  flash(own: ClaimHolder | null = null): Promise<StartedRun> {
    const board = { presetId: 'a', variantId: 'b' };
    const images = { bootloader: null, application: null };
    return this.writing.flash({ place: here, board, images, confirmReadUnprotect: false }, own);
  }

  restore(): Promise<StartedRun> {
    return this.writing.restore({ place: here, backupId: '20260101-000000-0000', label: null });
  }

  async end(run: StartedRun): Promise<unknown> {
    let last: unknown = null;
    for await (const { status, error } of run.follow(new AbortController().signal)) last = error ?? status;
    return last;
  }

  #start(kind: 'flash-board' | 'restore', place: PlaceId, check = (): void => undefined): { jobId: string } {
    const run = async (): Promise<null> => {
      check();
      return new Promise((resolve) => this.ends.push(() => resolve(null)));
    };
    return { jobId: this.jobs.start({ kind, place, presetId: null, run }) };
  }
}

describe('a place that a flow writes to', () => {
  it('is refused to a client, a restore and the bench, and given to the flow', async () => {
    const rig = new Rig();
    const bench = rig.holder('bench', [here, 'writes']);
    const flow = rig.holder('flow', [here, 'writes']);
    await expect(rig.flash()).rejects.toEqual(claimed('flow'));
    await expect(rig.restore()).rejects.toEqual(claimed('flow'));
    await expect(rig.flash(bench)).rejects.toEqual(claimed('flow'));
    const run = await rig.flash(flow);
    await expect.poll(() => rig.ends.length).toBe(1);
    rig.ends[0]!();
    expect(await rig.end(run)).toBe('done');
  });

  it('is free again for a person once the flow waits for one, and for all once it is done', () => {
    const rig = new Rig();
    const flow = rig.holder('flow', [here, 'waits']);
    const bench = rig.holder('bench');
    rig.claims.require(here, null);
    expect(rig.claims.heldByOthers(bench, 'keeps')).toEqual([here]);
    flow.release();
    expect(rig.claims.heldByOthers(bench, 'keeps')).toEqual([]);
  });
});

describe('a place that the bench is armed for', () => {
  it('is refused to a client and a restore, and left to a flow that was asked to take it', () => {
    const rig = new Rig();
    const bench = rig.holder('bench', [here, 'writes']);
    expect(() => rig.claims.require(here, null)).toThrow(claimed('bench'));
    rig.claims.require(here, bench);
    rig.claims.require(there, null);
    const flow = rig.holder('flow', [here, 'writes']);
    rig.claims.require(here, flow);
    expect(() => rig.claims.require(here, bench)).toThrow(claimed('flow'));
  });

  it('is refused once more when the turn of a run has come', async () => {
    const rig = new Rig();
    const other = await rig.flash(rig.holder('flow'));
    await expect.poll(() => rig.ends.length).toBe(1);
    const flow = rig.holder('flow');
    const run = await rig.flash(flow);
    rig.holder('bench', [here, 'writes']);
    rig.ends[0]!();
    expect(await rig.end(other)).toBe('done');
    expect(await rig.end(run)).toMatchObject({ code: 'device/claimed', details: { owner: 'bench' } });
  });
});

describe('what flows and the bench leave alone', () => {
  it('are boards that others are at: a flow passes over what another is done writing, the bench does not', () => {
    const rig = new Rig();
    const flow = rig.holder('flow');
    const bench = rig.holder('bench');
    const inThePi = rig.holder('flow', [here, 'keeps'], [there, 'waits']);
    expect(rig.claims.heldByOthers(flow, 'waits')).toEqual([there]);
    expect(rig.claims.heldByOthers(bench, 'keeps')).toEqual([here, there]);
    expect(rig.claims.heldByOthers(inThePi, 'keeps')).toEqual([]);
  });

  it('are places that jobs work on, whatever started them', async () => {
    const rig = new Rig();
    const run = await rig.flash();
    expect(rig.claims.heldByOthers(rig.holder('bench'), 'keeps')).toEqual([here]);
    await expect.poll(() => rig.ends.length).toBe(1);
    rig.ends[0]!();
    await rig.end(run);
    expect(rig.claims.heldByOthers(rig.holder('bench'), 'keeps')).toEqual([]);
  });
});

describe('two clients', () => {
  it('that want one place at once: one is refused, whichever order they do it in', async () => {
    for (const order of ['flash', 'restore'] as const) {
      const rig = new Rig();
      const results = await Promise.allSettled([rig[order](), rig.flash(), rig.restore()]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      for (const result of results.slice(1)) expect(result).toMatchObject({ reason: claimed('run') });
    }
  });

  it('that want it one after the other both get it', async () => {
    const rig = new Rig();
    for (const index of [0, 1]) {
      const run = await rig.flash();
      await expect.poll(() => rig.ends.length).toBe(index + 1);
      rig.ends[index]!();
      expect(await rig.end(run)).toBe('done');
    }
  });
});

describe('a node behind a bridge', () => {
  const place = 'can:1-4.2/0e1a2b3c4d5e';
  const images = { bootloader: null, application: null };
  const order = { place, board: null, images, confirmReadUnprotect: false } as const;

  it('occupies the port of the bridge, and every other node on its bus', async () => {
    const rig = new Rig();
    await rig.writing.flash(order);
    await expect(rig.flash()).rejects.toMatchObject({ code: 'device/claimed' });
    const other = rig.writing.flash({ ...order, place: 'can:1-4.2/ffffffffffff' });
    await expect(other).rejects.toMatchObject({ code: 'device/claimed' });
    await rig.writing.flash({ ...order, place: 'can:1-4.3/0e1a2b3c4d5e' });
    expect(rig.claims.heldByOthers(rig.holder('bench'), 'writes')).toContain(here);
  });

  it('is refused while a flow or a run has the bridge', async () => {
    const rig = new Rig();
    const flow = rig.holder('flow', [here, 'writes']);
    await expect(rig.writing.flash(order)).rejects.toMatchObject({ code: 'device/claimed' });
    flow.release();
    await rig.flash();
    await expect(rig.writing.flash(order)).rejects.toMatchObject({ code: 'device/claimed' });
  });
});
