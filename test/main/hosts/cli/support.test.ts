import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { History } from '../../../../main/history/history.ts';
import { dataFolders } from '../../../../main/station/data-folders.ts';
import { systemClock } from '../../../../main/system-clock.ts';
import { samplePlan } from '../../history/history-bench.ts';
import { canopus } from './command-line.ts';

const uid = '430014000A50534E4E313120';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-support-'));
  const { data, log } = dataFolders(folder);
  await mkdir(data, { recursive: true });
  await mkdir(log, { recursive: true });
  await writeFile(join(data, 'settings.json'), JSON.stringify({ operator: 'Grace Hopper' }));
  const pi = {
    id: 'attic',
    name: 'Attic printer',
    host: 'attic-canary',
    user: 'gracie',
    port: null,
    keyFile: null,
  };
  await writeFile(join(data, 'pis.json'), JSON.stringify([{ ...pi, secrets: [] }]));
  await writeFile(
    join(log, 'canopus.log'),
    'Grace Hopper on attic-canary as gracie: password=hunter2, from 192.168.178.44, \x1b]0;TITLE\x07, dfu/stalled\n',
  );
  using history = await History.open({ folder: data, clock: systemClock });
  history.recorder.begin(await samplePlan({ operator: 'Ada Lovelace' })).done({ uid });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const canaries = ['grace', 'hopper', 'lovelace', 'attic', 'gracie', 'hunter2', '192.168', '\x1b'];

describe('canopus support', () => {
  it('saves versions, checks, runs and the log, without names, addresses and secrets', async () => {
    const out = join(folder, 'for-support.zip');
    const { exitCode, stderr } = await canopus('support', '--data', folder, '--out', out);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const files = Object.entries(unzipSync(await readFile(out))).map(
      ([name, bytes]) => [name, strFromU8(bytes)] as const,
    );
    expect(files.map(([name]) => name)).toEqual(['about.json', 'checks.json', 'runs.json', 'log.txt']);
    const all = files.map(([, text]) => text).join('\n');
    for (const canary of canaries) expect(all.toLowerCase()).not.toContain(canary.toLowerCase());
    // What finds the fault is there.
    expect(all).toContain(uid);
    expect(all).toContain('dfu/stalled');
    expect(all).toContain(process.version.slice(1));
  });

  it('prints all of it without a file', async () => {
    const { stdout } = await canopus('support', '--data', folder);
    expect(stdout).toContain('=== runs.json');
    expect(stdout).toContain(uid);
    for (const canary of canaries) expect(stdout.toLowerCase()).not.toContain(canary.toLowerCase());
  });
});
