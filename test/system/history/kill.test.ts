import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../../app/history/run-record.ts';
import { openDatabase } from '../../../main/history/open-database.ts';
import type { History } from '../../../main/history/history.ts';
import { Random } from '../../fixtures/random.ts';
import { buildProgram, type RunningProgram } from '../../main/firmware/run-program.ts';
import { HistoryBench } from '../../main/history/history-bench.ts';
import { cases } from '../../counts.ts';

/** What a record must contain at least when this many events of `record-forever` were reported as written. */
const states = [
  ...['untouched', 'untouched', 'dfu-partial', 'dfu-partial', 'dfu-partial', 'dfu-written', 'dfu-written'],
  ...['dfu-written', 'katapult-partial', 'katapult-partial', 'katapult-verified', 'katapult-verified'],
];

/** The last thing that a program said of each run, by port and number of the run. */
function told({ output }: RunningProgram): Map<string, string> {
  // The last line may be cut off: then it was not reported.
  const lines = output().split('\n').slice(0, -1);
  const runs = lines.filter((line) => line.includes(' ')).map((line) => line.split(' '));
  return new Map(runs.map(([port = '', run = '', what = '']) => [`${port} ${run}`, what]));
}

function allRuns(history: History): Map<string, RunRecord> {
  const runs: RunRecord[] = [];
  for (let page = history.page({}, 500); ; page = history.page({}, 500, page.next)) {
    runs.push(...page.runs);
    if (page.next === null) break;
  }
  return new Map(runs.map((run) => [`${run.place} ${run.slot ?? ''}`, run]));
}

function expectAsTold(run: RunRecord | undefined, what: string): void {
  if (what === 'end') {
    expect(run).toMatchObject({ status: 'done', state: 'katapult-verified', error: null });
    expect(run!.images.map(({ result }) => result)).toEqual(['verified', 'verified']);
    return;
  }
  // The next event, or the end, may have been written without a report.
  const count = Number(what);
  expect(states.slice(count, count + 2)).toContain(run?.state);
  const isLast = count === states.length - 1;
  if (isLast && run?.status === 'done') return;
  expect(run).toMatchObject({ status: 'interrupted', error: { code: 'job/interrupted', state: run!.state } });
}

const rounds = cases(20, 3);

describe('a station that is killed while it records eight boards', () => {
  it('at random moments, two at once: nothing that was reported is lost', { timeout: 300_000 }, async () => {
    using bench = new HistoryBench();
    await using recorder = await buildProgram(
      new URL('../../main/history/programs/record-forever.ts', import.meta.url),
    );
    const random = new Random(4711);
    let interrupted = 0;
    for (let round = 0; round < rounds; round++) {
      const programs = [0, 1].map((side) => recorder.start([bench.folder, `${2 * round + side}`]));
      await Promise.all(
        programs.map(async (program) => {
          await program.until('recording');
          await sleep(random.below(150));
          program.child.kill('SIGKILL');
          expect(await program.ended).toBe('SIGKILL');
        }),
      );
      // The next start of a station.
      const history = await bench.open();
      const runs = allRuns(history);
      for (const program of programs) {
        for (const [key, what] of told(program)) expectAsTold(runs.get(key), what);
      }
      expect([...runs.values()].filter(({ status }) => status === 'running')).toEqual([]);
      interrupted += history.interrupted().length;
      for (const { id } of history.interrupted()) history.acknowledge(id);
    }
    using database = openDatabase(bench.file);
    expect(database.prepare('pragma integrity_check').all()).toMatchObject([{ integrity_check: 'ok' }]);
    expect(interrupted).toBeGreaterThan(2 * rounds);
  });
});
