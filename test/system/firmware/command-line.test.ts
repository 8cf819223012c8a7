import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { canopus } from '../../main/hosts/cli/command-line.ts';
import { openBench } from './bench.ts';
import type { Bench } from './bench.ts';
import { makeSourceTree } from './source-tree.ts';

let bench: Bench;
let trees: { katapult: string; klipper: string };
const uid = '430014000A50534E4E313120';

beforeAll(async () => {
  bench = await openBench();
  const [katapult, klipper] = await Promise.all(
    (['katapult', 'klipper'] as const).map((target) =>
      makeSourceTree(join(bench.folder, `user/${target}`), target),
    ),
  );
  trees = { katapult: katapult!.path, klipper: klipper!.path };
});
afterAll(() => bench[Symbol.asyncDispose]());

/** With a data folder of the test's own. */
const run = (...args: string[]) => canopus(...args, '--data', join(bench.folder, 'data'), '--json');
const last = ({ events }: Awaited<ReturnType<typeof canopus>>) => events.at(-1);

const octopus = ['--preset', 'btt-octopus:f446'];
const sources = () => ['--klipper', trees.klipper, '--katapult', trees.katapult];

describe('canopus build', () => {
  it('builds both images, puts them where they are wanted and reports them', async () => {
    const out = join(bench.folder, 'out');
    const result = await run('build', ...octopus, ...sources(), '--out', out);
    expect(result.exitCode).toBe(0);
    expect(last(result)).toMatchObject({
      type: 'report',
      preset: 'btt-octopus:f446',
      images: [
        {
          target: 'katapult',
          file: join(out, 'katapult.bin'),
          info: { kind: 'katapult', launchAddress: 0x08008000 },
        },
        {
          target: 'klipper',
          file: join(out, 'klipper.bin'),
          info: { kind: 'klipper', can: { pins: ['PD0', 'PD1'] } },
        },
      ],
    });
    expect(result.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['build-phase', 'line']));
    const inspected = await canopus('inspect', join(out, 'klipper.bin'), '--json');
    expect(last(inspected)).toMatchObject({ mcu: 'stm32f446xx', crystalHz: 12_000_000 });
  });

  it('takes them from the cache the second time', async () => {
    const result = await run('build', ...octopus, ...sources());
    expect(result.events.filter(({ type }) => type === 'cached')).toHaveLength(2);
  });

  it('builds one of the two with another bit rate, other pins and a symbol', async () => {
    const wishes = ['--bitrate', '500000', '--only', 'klipper', '--can-pins', 'pb8/pb9', '--confirm'];
    const result = await run('build', ...octopus, '--klipper', trees.klipper, ...wishes);
    expect(last(result)).toMatchObject({
      images: [
        {
          target: 'klipper',
          info: { can: { pins: ['PB8', 'PB9'] } },
          build: { recipe: { bitrateBps: 500_000 } },
        },
      ],
    });
    expect(result.events.find(({ type }) => type === 'note')?.['text']).toMatch(/transceiver on PD0\/PD1/);
  });

  it('asks for a confirmation where the preset does not bear out what is wanted', async () => {
    const result = await run('build', ...octopus, ...sources(), '--crystal', '8');
    expect(result.exitCode).toBe(3);
    expect(last(result)).toMatchObject({
      type: 'error',
      code: 'recipe/not-confirmed',
      details: { fields: ['crystal'] },
    });
    expect(last(result)?.['message']).toMatch(/a crystal of 12 MHz, the firmware would be built for 8 MHz/);
  });

  it('refuses what only one of the two firmwares has before it compiles the other', async () => {
    const klipper = await makeSourceTree(join(bench.folder, 'user/klipper with 24 MHz'), 'klipper');
    const chip = 'src/chip/Kconfig';
    await klipper.edit(chip, 'config STM32_CLOCK_REF_25M', 'config STM32_CLOCK_REF_24M');
    await klipper.edit(chip, '25000000 if STM32_CLOCK_REF_25M', '24000000 if STM32_CLOCK_REF_24M');
    await klipper.commitAll('24 MHz');
    const data = ['--data', join(bench.folder, 'fresh'), '--json'];
    const both = ['--klipper', klipper.path, '--katapult', trees.katapult];
    const result = await canopus('build', ...octopus, ...both, '--crystal', '24', '--confirm', ...data);
    expect(result.exitCode).toBe(3);
    expect(last(result)).toMatchObject({
      code: 'build/not-offered',
      details: { target: 'katapult', missing: ['Katapult has no 24 MHz crystal; it has 8, 12, 25 MHz'] },
    });
    expect(result.events.filter(({ phase }) => phase === 'compile' || phase === 'store')).toEqual([]);
    expect(last(await canopus('cache', 'list', ...data))).toMatchObject({ images: [] });
  });

  it.each([
    [2, 'recipe/invalid', ['--preset', 'btt-octopus']],
    [2, 'preset/unknown', ['--preset', 'no-such-board']],
    [2, 'source/invalid', [...octopus, '--klipper', 'https://example.invalid/klipper']],
    [2, 'source/not-firmware', [...octopus, '--klipper', '/tmp', '--only', 'klipper']],
    [2, 'usage/invalid', [...octopus, '--on', 'the-moon']],
  ])('ends with %i and %s where it must', async (exitCode, code, args) => {
    const result = await run('build', ...args);
    expect(last(result)).toMatchObject({ type: 'error', code });
    expect(result.exitCode).toBe(exitCode);
  });
});

describe('canopus cache', () => {
  it('lists, pins, bundles and takes over', async () => {
    await run('build', ...octopus, ...sources());
    const { images } = last(await run('cache', 'list')) as {
      images: { record: { key: string; info: { kind: string } } }[];
    };
    expect(images.length).toBeGreaterThanOrEqual(2);
    // The newest Klipper: a Katapult for another crystal may have been built in the background since.
    const { key } = images.find(({ record }) => record.info.kind === 'klipper')!.record;
    expect(last(await run('cache', 'pin', key.slice(0, 8)))).toMatchObject({ key, pinned: true });

    const zip = join(bench.folder, 'bundle.zip');
    expect(last(await run('cache', 'export', zip, key.slice(0, 8)))).toMatchObject({ images: [key] });
    const other = ['--data', join(bench.folder, 'other'), '--json'];
    expect(last(await canopus('cache', 'import', zip, ...other))).toMatchObject({ added: [key], known: [] });
    expect(last(await canopus('cache', 'list', ...other))).toMatchObject({
      images: [{ record: { importedFrom: 'bundle.zip' } }],
    });

    const file = join(bench.folder, 'mine.bin');
    await writeFile(file, makeKatapultImage());
    expect((await canopus('cache', 'import', file, ...other)).exitCode).toBe(0);
    await writeFile(file, 'no firmware');
    expect(last(await canopus('cache', 'import', file, ...other))).toMatchObject({
      code: 'image/not-an-image',
    });

    expect(last(await run('cache', 'verify'))).toMatchObject({ type: 'report', damaged: [] });
    const pruned = last(await run('cache', 'prune', '--max-mb', '0')) as { removed: string[] };
    expect(pruned.removed).not.toContain(key);
    expect(last(await run('cache', 'list'))).toMatchObject({ images: [{ record: { key }, pinned: true }] });
    expect((await run('cache', 'unpin', 'ffffffff')).exitCode).toBe(2);
  });

  it('prints tables for people', async () => {
    const { stdout } = await canopus('cache', 'list', '--data', join(bench.folder, 'data'));
    expect(stdout).toMatch(/^[0-9a-f]{12} {2}(?:katapult|klipper )/);
  });
});

describe('canopus doctor', () => {
  it('lists the installed tools', async () => {
    const result = await run('doctor');
    expect(result.exitCode).toBe(0);
    expect(last(result)).toMatchObject({ type: 'report', missing: [] });
    const { stdout } = await canopus('doctor', '--data', join(bench.folder, 'data'));
    expect(stdout).toMatch(
      /arm-none-eabi-gcc .*\nEverything that a build needs is there\.\n$|arm-none-eabi-gcc[^]*is there/,
    );
  });
});

describe('canopus flash', () => {
  it('builds what it writes where it is asked to, and what is on a board is never pruned', async () => {
    const benchFile = join(bench.folder, 'bench.json');
    await writeFile(join(bench.folder, 'katapult.bin'), makeKatapultImage());
    await writeFile(join(bench.folder, 'klipper.bin'), makeKlipperImage());
    const flash = [
      { address: '0x08000000', file: 'katapult.bin' },
      { address: '0x08008000', file: 'klipper.bin' },
    ];
    const boards = [{ id: 'k', mcu: 'stm32f446xx', uid, port: '1-2', flash }];
    await writeFile(benchFile, JSON.stringify({ timeScale: 0, boards }));
    const images = ['--katapult', `build:${trees.katapult}`, '--klipper', `build:${trees.klipper}`];
    const result = await run('flash', '--port', '1-2', ...octopus, ...images, '--sim', benchFile);
    expect(last(result)).toMatchObject({ type: 'report', uid, canbusUuid: '6beb0175188a' });

    await run('cache', 'prune', '--max-mb', '0');
    const { images: left } = last(await run('cache', 'list')) as {
      images: { record: { info: { kind: string; sha256: string } } }[];
    };
    const { written } = last(result) as { written: { application: { sha256: string } } };
    const { sha256 } = written.application;
    expect(left.map(({ record }) => record.info.sha256)).toContain(sha256);
    // The Katapult that was on the board stayed there: the one that was built is on none.
    expect(left.map(({ record }) => record.info.kind)).toEqual(['klipper']);
  });
});
