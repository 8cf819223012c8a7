import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import { JobList } from '../../../main/jobs/job-list.ts';

/** Lets so many turns of the event loop pass. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

const signal = (): AbortSignal => new AbortController().signal;

describe('the view of a job', () => {
  it('ends with how the job ended, whenever it is followed and however soon the job ends', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          runs: fc.nat({ max: 4 }),
          followedAfter: fc.nat({ max: 6 }),
          steps: fc.nat({ max: 3 }),
          isRefused: fc.boolean(),
          others: fc.nat({ max: 3 }),
        }),
        async ({ runs, followedAfter, steps, isRefused, others }) => {
          await using list = new JobList(() => 'no id');
          const place = 'usb:1-1';
          const id = list.start({
            ...{ kind: 'flash-board', place, presetId: null },
            run: async ({ emit }) => {
              await turns(runs);
              for (let step = 0; step < steps; step += 1) {
                emit({ type: 'step', step: 'install-katapult', place });
                await turns(1);
              }
              if (isRefused) throw new CanopusError('device/not-found', 'Nothing is there.');
              return null;
            },
          });
          for (let other = 0; other < others; other += 1)
            list.start({
              kind: 'build',
              place: null,
              presetId: null,
              run: () => turns(other).then(() => null),
            });
          await turns(followedAfter);
          const seen = [];
          for await (const view of list.follow(id, signal())) seen.push(view);
          expect(seen.length).toBeGreaterThan(0);
          expect(seen.every((view) => view.id === id)).toBe(true);
          expect(seen.at(-1)).toMatchObject({ status: isRefused ? 'failed' : 'done' });
          expect(seen.slice(0, -1).every(({ endedAt }) => endedAt === null)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('ends with the signal, and at once for a job that never was', async () => {
    await using list = new JobList(() => 'no id');
    expect((await list.follow('none', signal()).next()).done).toBe(true);
    const stop = new AbortController();
    const run = (context: { signal: AbortSignal }): Promise<null> =>
      new Promise((_, reject) =>
        context.signal.addEventListener('abort', () => reject(new CanopusError('cancelled', 'Stopped.'))),
      );
    const id = list.start({ kind: 'build', place: null, presetId: null, run });
    let seen = 0;
    for await (const view of list.follow(id, stop.signal)) {
      seen += 1;
      if (view.status === 'running') stop.abort();
    }
    expect(seen).toBeGreaterThan(0);
  });
});
