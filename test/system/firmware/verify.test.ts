import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExportedRecord } from '../../../app/build/exported-record.ts';
import { canopus } from '../../main/hosts/cli/command-line.ts';
import { openBench } from './bench.ts';
import type { Bench } from './bench.ts';
import { makeSourceTree, type SourceTree } from './source-tree.ts';

let bench: Bench;
let klipper: SourceTree;
let out: string;

/** With a data folder of the test's own. */
const run = (...args: string[]) => canopus(...args, '--data', join(bench.folder, 'data'), '--json');
const last = ({ events }: Awaited<ReturnType<typeof canopus>>) => events.at(-1);

beforeAll(async () => {
  bench = await openBench();
  klipper = await makeSourceTree(join(bench.folder, 'klipper'), 'klipper');
  out = join(bench.folder, 'out');
  const built = await run(
    ...[
      'build',
      '--preset',
      'btt-octopus:f446',
      '--only',
      'klipper',
      '--klipper',
      klipper.path,
      '--out',
      out,
    ],
  );
  expect(built.exitCode).toBe(0);
});
afterAll(() => bench[Symbol.asyncDispose]());

const recordFile = (): string => join(out, 'klipper.json');
const record = async (): Promise<ExportedRecord> =>
  JSON.parse(await readFile(recordFile(), 'utf8')) as ExportedRecord;

/** The record with a change, in a file of its own. */
async function changed(change: Partial<ExportedRecord>): Promise<string> {
  const file = join(bench.folder, 'changed.json');
  await writeFile(file, JSON.stringify({ ...(await record()), ...change }));
  return file;
}

describe('canopus verify', () => {
  it('has a record beside each built image, without names of this computer', async () => {
    const text = await readFile(recordFile(), 'utf8');
    expect(text).not.toContain(bench.folder);
    const { source, image, toolchain } = await record();
    expect(source.commit).toBe(await klipper.git('rev-parse', 'HEAD'));
    expect(image.size).toBe((await readFile(join(out, 'klipper.bin'))).length);
    expect(toolchain.tools.map(({ name }) => name)).toContain('arm-none-eabi-gcc');
  });

  it('compiles the image again, although it is stored, and finds it identical', async () => {
    const result = await run(
      'verify',
      recordFile(),
      '--source',
      klipper.path,
      '--image',
      join(out, 'klipper.bin'),
    );
    expect(result.exitCode).toBe(0);
    expect(result.events).toContainEqual({ type: 'phase', phase: 'compile' });
    expect(last(result)).toMatchObject({ verdict: 'identical', differences: [] });
  });

  it('names what differs: symbols, tools and the image itself', async () => {
    const { configuration, toolchain, image } = await record();
    const file = await changed({
      configuration: configuration.replace('CONFIG_CLOCK_REF_FREQ=12000000', 'CONFIG_CLOCK_REF_FREQ=8000000'),
      toolchain: {
        identity: 'another',
        tools: toolchain.tools.map((tool) =>
          tool.name === 'make' ? { ...tool, version: 'GNU Make 3.81' } : tool,
        ),
      },
      image: { ...image, sha256: 'ab'.repeat(32) },
    });
    const result = await run('verify', file, '--source', klipper.path);
    expect(result.exitCode).toBe(5);
    const { code, message } = last(result) as { code: string; message: string };
    expect(code).toBe('image/not-reproduced');
    expect(message).toContain('CLOCK_REF_FREQ: 8000000 there, 12000000 here.');
    expect(message).toContain('make: GNU Make 3.81 there');
    expect(message).toContain(`SHA-256 ${'ab'.repeat(32)} there`);
  });

  it('with other sources the image is another one', async () => {
    const other = await makeSourceTree(join(bench.folder, 'other'), 'klipper');
    await other.write('src/changed.c', 'int changed(void) { return 1; }\n');
    await other.commitAll('change');
    const result = await run('verify', recordFile(), '--source', other.path);
    expect(last(result)).toMatchObject({ code: 'image/not-reproduced' });
    expect((last(result) as { message: string }).message).toContain('The sources: tree');
  });

  it.each([
    ['made from changed sources', { dirty: true }, 'changed sources'],
    ['of no commit', { commit: null }, 'no commit'],
    [
      'whose sources cannot be reached',
      { location: 'https://localhost:1/klipper' },
      'cannot be built again here',
    ],
  ])('is not rebuildable here if it was %s', async (_, change, sentence) => {
    const file = await changed({ source: { ...(await record()).source, ...change } });
    const result = await run('verify', file);
    expect(result.exitCode).toBe(3);
    expect(last(result)).toMatchObject({ code: 'image/not-rebuildable' });
    expect((last(result) as { message: string }).message).toContain(sentence);
  });

  it('refuses an image that is not the one of the record, and a file that is no record', async () => {
    const image = await readFile(join(out, 'klipper.bin'));
    image[image.length - 1] = (image.at(-1) ?? 0) ^ 1;
    const other = join(bench.folder, 'other.bin');
    await writeFile(other, image);
    const result = await run('verify', recordFile(), '--image', other);
    expect(last(result)).toMatchObject({ code: 'image/not-reproduced' });
    expect(last(await run('verify', other))).toMatchObject({ code: 'image/no-record' });
  });

  it('writes the record of a stored image, and has none for an imported one', async () => {
    const list = last(await run('cache', 'list')) as {
      images: { record: { key: string; origin: string } }[];
    };
    const built = list.images.find(({ record: { origin } }) => origin === 'built');
    expect(last(await run('cache', 'record', built?.record.key ?? ''))).toMatchObject({
      record: await record(),
    });
    const file = join(bench.folder, 'imported.bin');
    const { makeKatapultImage } = await import('../../../main/sim/sample-images.ts');
    await writeFile(file, makeKatapultImage());
    const added = (last(await run('cache', 'import', file)) as { added: string[] }).added;
    expect(last(await run('cache', 'record', added[0] ?? ''))).toMatchObject({ code: 'image/no-record' });
  });
});
