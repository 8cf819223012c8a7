import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { canbusUuid } from '../../../app/boards/canbus-uuid.ts';
import type { RunRecord } from '../../../app/history/run-record.ts';
import { History } from '../../../main/history/history.ts';
import { openDatabase } from '../../../main/history/open-database.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { cases } from '../../counts.ts';
import { Random } from '../../fixtures/random.ts';

/** The built command line: a whole station with a bench, its flashers and its history. */
const cli = path.resolve('out/cli/canopus.js');
/** Every other one already has Katapult, and can be done without a person at its jumper. */
const boards = Array.from({ length: 8 }, (_, index) => ({
  ...{ id: `board-${index + 1}`, mcu: 'stm32f446xx', port: `1-1.${index + 1}` },
  ...(index % 2 === 0 ? { boot0: true } : { flash: [{ address: '0x08000000', file: 'katapult.bin' }] }),
  uid: `4300140${index}0A50534E4E313120`,
}));
const withKatapult = boards.filter((board) => !('boot0' in board));

let folder: string;
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-kill-bench-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage({ size: 8_000 }));
  const images = { katapult: 'katapult.bin', klipper: 'klipper.bin' };
  const recipe = { preset: 'btt-octopus', variant: 'f446', ...images, modes: ['dfu', 'katapult'] };
  for (const [name, some] of [['all', boards] as const, ['some', withKatapult] as const]) {
    await writeFile(file(`${name}-recipe.json`), JSON.stringify({ ...recipe, count: some.length }));
    await writeFile(file(`${name}-bench.json`), JSON.stringify({ timeScale: 0, boards: some }));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Told {
  readonly type: string;
  readonly port?: string;
  readonly stage?: string;
  readonly uid?: string | null;
}

/** When a station is killed: that long after its first board is written, or done. */
interface Kill {
  readonly after: 'writing' | 'done';
  readonly delayMs: number;
}

/** A station with an armed bench; null: it is not killed. */
async function station(data: string, which: 'all' | 'some', kill: Kill | null): Promise<readonly Told[]> {
  const files = ['--recipe', file(`${which}-recipe.json`), '--sim', file(`${which}-bench.json`)];
  const args = ['bench', '--arm', ...files];
  const child = spawn(process.execPath, [cli, ...args, '--data', data, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: Told[] = [];
  let timer: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    // The last line may be cut off: then it was not reported.
    if (!line.endsWith('}')) return;
    const event = JSON.parse(line) as Told;
    told.push(event);
    if (kill !== null && event.stage === kill.after)
      timer ??= setTimeout(() => child.kill('SIGKILL'), kill.delayMs);
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  expect(signal).toBe(kill === null ? null : 'SIGKILL');
  return told;
}

function runsOf(history: History): readonly RunRecord[] {
  return history.page({ boards: 'all' }, 500).runs;
}

/** On each of two sides. */
const rounds = cases(50, 3);

it(
  'a station that is killed again and again while it writes eight boards: nothing is lost, what was begun is marked, the next one works',
  { timeout: 600_000 },
  async () => {
    const random = new Random(815);
    let [interrupted, completed] = [0, 0];
    const side = async (data: string): Promise<void> => {
      const known = new Set<number>();
      for (let round = 0; round < rounds; round++) {
        // Every third time some boards are done, however slow the computer is.
        const after = round % 3 === 2 ? 'done' : 'writing';
        const told = await station(data, 'all', {
          after,
          delayMs: random.below(after === 'done' ? 100 : 1000),
        });
        using history = await History.open({ folder: path.join(data, 'data'), clock: systemClock });
        const runs = runsOf(history).filter(({ id }) => !known.has(id));
        for (const { id } of runs) known.add(id);
        expect(runs.filter(({ status }) => status === 'running')).toEqual([]);
        const done = told.filter(({ type, stage }) => type === 'slot' && stage === 'done');
        completed += done.length;
        for (const { port, uid } of done) {
          const run = runs.find(({ place }) => place === `usb:${port}`);
          expect(run).toMatchObject({ status: 'done', uid, canbusUuid: canbusUuid(uid ?? '') });
        }
        for (const run of runs.filter(({ status }) => status !== 'done')) {
          expect(run).toMatchObject({
            status: 'interrupted',
            error: { code: 'job/interrupted', state: run.state },
          });
          interrupted += 1;
        }
      }
    };
    await Promise.all([side(file('a')), side(file('b'))]);
    expect(interrupted).toBeGreaterThan(2 * rounds);
    expect(completed).toBeGreaterThan(rounds / 5);
    for (const data of [file('a'), file('b')]) {
      const told = await station(data, 'some', null);
      expect(told.at(-1)).toMatchObject({ type: 'report', done: withKatapult.length, failed: 0 });
      using database = openDatabase(path.join(data, 'data', 'history.sqlite'));
      expect(database.prepare('pragma integrity_check').all()).toMatchObject([{ integrity_check: 'ok' }]);
    }
  },
);
