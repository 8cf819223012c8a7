import { type PlaceId, usbPlace } from '../../../app/place.ts';
import { describe, expect, it } from 'vitest';
import type { JobEvent, JobView } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { JobList, type JobContext, type NewJob } from '../../../main/jobs/job-list.ts';

const never = new AbortController().signal;

/** A job that does what the test says, when it says it. */
class Puppet {
  context: JobContext | null = null;
  readonly started: Promise<JobContext>;
  finish: (report: JobView['report']) => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;
  readonly job: NewJob;

  constructor(place: PlaceId | null = 'usb:1-1') {
    let onStart: (context: JobContext) => void;
    this.started = new Promise((resolve) => (onStart = resolve));
    this.job = {
      kind: 'flash-board',
      place,
      presetId: null,
      run: (context) => {
        this.context = context;
        onStart(context);
        return new Promise((resolve, reject) => {
          this.finish = resolve;
          this.fail = reject;
        });
      },
    };
  }
}

function jobs(): { list: JobList; logged: unknown[]; setMs: (ms: number) => void } {
  const logged: unknown[] = [];
  let nowMs = 0;
  const list = new JobList(
    (error) => `log-${logged.push(error)}`,
    () => new Date(nowMs),
  );
  return { list, logged, setMs: (ms) => (nowMs = ms) };
}

async function eventsOf(list: JobList, id: string, after = 0): Promise<{ seq: number; event: JobEvent }[]> {
  const events: { seq: number; event: JobEvent }[] = [];
  for await (const { seq, event } of list.watch(id, after, never)) events.push({ seq, event: event.event });
  return events;
}

const progress = (bytesDone: number): Extract<JobEvent, { type: 'progress' }> => ({
  type: 'progress',
  phase: 'write',
  bytesDone,
  bytesTotal: 100,
});

describe('a job', () => {
  it('is shown from queued to done, and a late follower gets its events from the start', async () => {
    const { list } = jobs();
    const puppet = new Puppet();
    const id = list.start(puppet.job);
    expect(list.all()[0]).toMatchObject({ id, status: 'queued', startedAt: null, place: 'usb:1-1' });
    const { emit } = await puppet.started;
    emit({ type: 'step', step: 'install-katapult', place: 'usb:1-1' });
    emit({ type: 'phase', phase: 'write', safeToStop: false });
    emit(progress(40));
    expect(list.all()[0]).toMatchObject({
      status: 'running',
      step: 'install-katapult',
      phase: 'write',
      safeToStop: false,
      progress: { bytesDone: 40, bytesTotal: 100 },
    });
    const early = eventsOf(list, id);
    puppet.finish(null);
    const types = (await early).map(({ event }) => event.type);
    expect(types).toEqual(['step', 'phase', 'progress', 'ended']);
    expect((await eventsOf(list, id)).map(({ event }) => event.type)).toEqual(types);
    expect(list.all()[0]).toMatchObject({ status: 'done', safeToStop: true, progress: null });
  });

  it('shows the UUID that its report has, which may not be the one of the chip', async () => {
    const { list } = jobs();
    const puppet = new Puppet();
    const id = list.start(puppet.job);
    const { emit } = await puppet.started;
    const seen = { mode: 'can-bridge', place: 'usb:1-1', uid: 'A'.repeat(24), tty: null } as const;
    emit({ type: 'seen', ...seen, canbusUuid: '6beb0175188a' });
    expect(list.all()[0]).toMatchObject({ canbusUuid: '6beb0175188a', canbusUuidSource: 'computed' });
    const written = {
      bytesWritten: 1,
      bytesVerified: 1,
      sectorsErased: 1,
      sha256: 'a'.repeat(64),
      uid: null,
    };
    const told = { canbusUuid: 'cafecafecafe', canbusUuidSource: 'confirmed' } as const;
    const board = {
      place: usbPlace('1-1'),
      uid: seen.uid,
      mcu: null,
      seen: 'can-bridge' as const,
      written: { bootloader: null, application: written },
      found: null,
    };
    puppet.finish({ kind: 'flash-board', ...board, ...told });
    await eventsOf(list, id);
    expect(list.all()[0]).toMatchObject({ status: 'done', ...told });
  });

  it('continues without a viewer', async () => {
    const { list } = jobs();
    const puppet = new Puppet();
    const id = list.start(puppet.job);
    await puppet.started;
    const looking = new AbortController();
    const watch = list.watch(id, 0, looking.signal);
    const next = watch.next();
    looking.abort();
    expect((await next).done).toBe(true);
    expect(puppet.context?.signal.aborted).toBe(false);
    puppet.finish(null);
    expect((await eventsOf(list, id)).at(-1)?.event).toMatchObject({ type: 'ended', status: 'done' });
  });

  it('sends a returning client only what it has not seen', async () => {
    const { list } = jobs();
    const puppet = new Puppet();
    const id = list.start(puppet.job);
    const { emit } = await puppet.started;
    for (const text of ['a', 'b', 'c']) emit({ type: 'note', text });
    puppet.finish(null);
    await eventsOf(list, id);
    expect(await eventsOf(list, id, 2)).toMatchObject([
      { seq: 3, event: { text: 'c' } },
      { seq: 4, event: { type: 'ended' } },
    ]);
  });

  it('keeps of a run of progress only the last, and never goes back in number', async () => {
    const { list } = jobs();
    const puppet = new Puppet();
    const id = list.start(puppet.job);
    const { emit } = await puppet.started;
    for (let n = 1; n <= 100; n++) emit(progress(n));
    puppet.finish(null);
    expect(await eventsOf(list, id)).toMatchObject([
      { seq: 100, event: { bytesDone: 100 } },
      { seq: 101, event: { type: 'ended' } },
    ]);
  });

  it('shows progress at most every 40 ms, but its end at once', async () => {
    const { list, setMs } = jobs();
    const puppet = new Puppet();
    list.start(puppet.job);
    const { emit } = await puppet.started;
    const shown = (): number | undefined => list.all()[0]?.progress?.bytesDone;
    emit(progress(1));
    emit(progress(2));
    expect(shown()).toBe(1);
    setMs(40);
    emit(progress(3));
    expect(shown()).toBe(3);
    emit(progress(100));
    expect(shown()).toBe(100);
    puppet.finish(null);
  });

  it('ends as cancelled, with what its board is left with', async () => {
    const { list } = jobs();
    const puppet = new Puppet();
    const id = list.start(puppet.job);
    const { signal } = await puppet.started;
    signal.addEventListener('abort', () =>
      puppet.fail(new CanopusError('cancelled', 'stopped after block 7', {}, { state: 'dfu-partial' })),
    );
    expect(list.cancel(id)).toBe(true);
    await eventsOf(list, id);
    expect(list.all()[0]).toMatchObject({
      status: 'cancelled',
      error: { code: 'cancelled', state: 'dfu-partial' },
    });
    expect(list.cancel(id)).toBe(false);
  });

  it('that fails without a name shows a log id and nothing else', async () => {
    const { list, logged } = jobs();
    const puppet = new Puppet();
    const id = list.start(puppet.job);
    await puppet.started;
    puppet.fail(new TypeError('cannot read hunter2'));
    await eventsOf(list, id);
    expect(list.all()[0]).toMatchObject({
      status: 'failed',
      error: { code: 'internal', details: { logId: 'log-1' } },
    });
    expect(JSON.stringify(list.all())).not.toContain('hunter2');
    expect(String(logged[0])).toContain('hunter2');
  });

  it('waits for the job before it on the same port, not for those on others', async () => {
    const { list } = jobs();
    const [first, second, other] = [new Puppet('usb:1-1'), new Puppet('usb:1-1'), new Puppet('usb:1-2')];
    list.start(first.job);
    const id = list.start(second.job);
    list.start(other.job);
    await first.started;
    await other.started;
    expect(second.context).toBeNull();
    expect(list.all().find((view) => view.id === id)?.status).toBe('queued');
    first.fail(new CanopusError('link/gone', 'unplugged'));
    await second.started;
    expect(list.all().find((view) => view.id === id)?.status).toBe('running');
    second.finish(null);
    other.finish(null);
  });

  it('that is cancelled while it waits never starts', async () => {
    const { list } = jobs();
    const [first, second] = [new Puppet(), new Puppet()];
    list.start(first.job);
    const id = list.start(second.job);
    await first.started;
    list.cancel(id);
    first.finish(null);
    await eventsOf(list, id);
    expect(second.context).toBeNull();
    expect(list.all()[1]).toMatchObject({ status: 'cancelled', startedAt: null });
  });

  it('that is unknown cannot be watched', () => {
    const { list } = jobs();
    expect(() => list.watch('none', 0, never)).toThrow(expect.objectContaining({ code: 'job/unknown' }));
  });
});

describe('the list of jobs', () => {
  it('cancels what runs and waits for its end when the station closes', async () => {
    const { list } = jobs();
    const puppet = new Puppet();
    list.start(puppet.job);
    const { signal } = await puppet.started;
    let ended = false;
    signal.addEventListener('abort', () =>
      setImmediate(() => {
        ended = true;
        puppet.fail(new CanopusError('cancelled', 'stopped'));
      }),
    );
    await list[Symbol.asyncDispose]();
    expect(ended).toBe(true);
  });

  it('forgets the oldest that have ended, never one that runs', async () => {
    const { list } = jobs();
    const running = new Puppet('usb:9-9');
    const id = list.start(running.job);
    await running.started;
    for (let n = 0; n < 250; n++) {
      const quick = list.start({
        kind: 'flash-board',
        place: null,
        presetId: null,
        run: () => Promise.resolve(null),
      });
      await eventsOf(list, quick);
    }
    expect(list.all().length).toBeLessThanOrEqual(202);
    expect(list.all().some((view) => view.id === id)).toBe(true);
    running.finish(null);
  });

  it('waits in the queue that it names, and not in the one of its Pi', async () => {
    const { list } = jobs();
    const [whole, part, next] = [new Puppet(null), new Puppet('pi:voron/usb:1-1'), new Puppet(null)];
    const own = { piId: 'voron', queue: 'printer voron' };
    list.start({ ...whole.job, ...own });
    list.start({ ...part.job, piId: 'voron' });
    const last = list.start({ ...next.job, ...own });
    await whole.started;
    await part.started;
    expect(list.get(last).status).toBe('queued');
    whole.finish(null);
    await next.started;
    part.finish(null);
    next.finish(null);
  });
});
