import { execFile, spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { canopus } from '../../main/hosts/cli/command-line.ts';
import { openBench, type Bench } from './bench.ts';
import { makeSourceTree } from './source-tree.ts';

const program = join(import.meta.dirname, '../../../out/cli/canopus.js');
const octopus = ['--preset', 'btt-octopus:f446'];
const uid = '430014000A50534E4E313120';
/** A network namespace of its own has no network, not even loopback. */
const canUnshare = spawnSync('unshare', ['-Urn', 'true']).status === 0;

type Line = Readonly<Record<string, unknown>>;

let bench: Bench;
let zip: string;
/** A home with nothing in it. */
let bare: string;
/** Of a computer that was not set up for building. */
let path: string;

/** The command line on a computer without a compiler, sources and network. Returns its last line. */
async function offline(...args: string[]): Promise<Line> {
  const words = [program, ...args, '--data', join(bare, 'data'), '--json'];
  const [file, rest] = canUnshare
    ? ['/usr/bin/unshare', ['-Urn', process.execPath, ...words]]
    : [process.execPath, words];
  const { stdout } = await promisify(execFile)(file, rest, {
    env: { PATH: path, HOME: bare, TMPDIR: bare, https_proxy: 'http://127.0.0.1:1' },
  }).catch((error: unknown) => error as { stdout: string });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Line;
}

beforeAll(async () => {
  bench = await openBench();
  bare = join(bench.folder, 'bare');
  await mkdir(bare);
  path = await bench.pathWithout('arm-none-eabi-gcc', 'arm-none-eabi-objcopy', 'make', 'git');
  const trees = await Promise.all(
    (['katapult', 'klipper'] as const).map((target) =>
      makeSourceTree(join(bench.folder, `user/${target}`), target),
    ),
  );
  const sources = ['--katapult', trees[0]!.path, '--klipper', trees[1]!.path];
  const data = ['--data', join(bench.folder, 'data'), '--json'];
  const built = await canopus('build', ...octopus, ...sources, ...data);
  expect(built.exitCode, JSON.stringify(built.events.at(-1))).toBe(0);
  zip = join(bench.folder, 'firmware.zip');
  await canopus('cache', 'export', zip, ...data);
});
afterAll(() => bench[Symbol.asyncDispose]());

interface Listed {
  readonly key: string;
  readonly info: { readonly kind: string; readonly sha256: string };
  readonly build: { readonly recipe: { readonly crystalHz: number } } | null;
}

describe.skipIf(!canUnshare)(
  'a computer with a bundle, and without a compiler, git, sources and network',
  () => {
    it('cannot build, and names all that is missing', async () => {
      expect(await offline('build', ...octopus)).toMatchObject({
        type: 'error',
        code: 'toolchain/missing',
        details: { missing: expect.arrayContaining(['arm-none-eabi-gcc', 'make', 'git']) as unknown },
      });
    });

    it('flashes a board with the images of the bundle, read back', async () => {
      const { added } = (await offline('cache', 'import', zip)) as { added: string[] };
      expect(added.length).toBeGreaterThanOrEqual(2);
      const { images } = (await offline('cache', 'list')) as { images: { record: Listed }[] };
      // A Katapult for the crystal search may be in the bundle as well.
      const fits = ({ build }: Listed): boolean => build?.recipe.crystalHz === 12_000_000;
      const image = (kind: string): Listed =>
        images.find(({ record }) => record.info.kind === kind && fits(record))!.record;
      const boards = join(bench.folder, 'boards.json');
      // In Katapult, so that no jumper has to be moved.
      await writeFile(join(bench.folder, 'katapult.bin'), makeKatapultImage());
      const flash = [{ address: '0x08000000', file: 'katapult.bin' }];
      const board = { id: 'board', mcu: 'stm32f446xx', uid, port: '1-2', flash };
      await writeFile(boards, JSON.stringify({ timeScale: 0, boards: [board] }));
      const cached = ['katapult', 'klipper'].flatMap((kind) => [`--${kind}`, `cache:${image(kind).key}`]);
      const report = await offline(
        'flash',
        '--port',
        '1-2',
        ...octopus,
        ...cached,
        '--sim',
        boards,
        '--confirm-hazards',
      );
      expect(report).toMatchObject({ type: 'report', uid, canbusUuid: '6beb0175188a' });
      const { written } = report as { written: { application: { sha256: string } } };
      expect(written.application.sha256).toBe(image('klipper').info.sha256);
    });
  },
);
