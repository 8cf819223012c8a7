import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** The built command line. */
const cli = path.resolve('out/cli/canopus.js');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-no-home-'));
  await writeFile(path.join(folder, 'a-file'), '');
  const boards = [
    { id: 'dfu', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', boot0: true },
  ];
  await writeFile(path.join(folder, 'bench.json'), JSON.stringify({ timeScale: 0, boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  readonly exitCode: number;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

/** Runs a command as a user whose home is a file, which no rights of root make writable. */
function run(...args: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'], HOME: path.join(folder, 'a-file'), TMPDIR: folder };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args, '--json'], { env }, (error, stdout) => {
      const lines = stdout.split('\n').filter(Boolean);
      resolve({
        exitCode: error === null ? 0 : Number(error.code),
        lines: lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>),
      });
    });
  });
}

it('works for a user without a home, says that it keeps nothing, and leaves nothing behind', async () => {
  const { exitCode, lines } = await run('boards', '--sim', path.join(folder, 'bench.json'));
  expect(lines).toContainEqual({
    type: 'note',
    text: expect.stringMatching(/ENOTDIR.*keeps no history/) as string,
  });
  expect(lines).toContainEqual(expect.objectContaining({ type: 'board', port: '1-1' }));
  expect(exitCode).toBe(0);
  // Besides the folder of sockets of this user, which is kept and empty.
  const left = (await readdir(folder)).filter((name) => !/^canopus-\d+$/.test(name));
  expect(left.sort()).toEqual(['a-file', 'bench.json']);
});

it('refuses a chosen folder that cannot be written, by name', async () => {
  const chosen = path.join(folder, 'a-file', 'data');
  const { exitCode, lines } = await run('boards', '--sim', path.join(folder, 'bench.json'), '--data', chosen);
  expect(lines.at(-1)).toMatchObject({ type: 'error', code: 'file/unwritable', state: 'untouched' });
  expect(exitCode).toBe(5);
});
