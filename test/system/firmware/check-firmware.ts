import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { recipeForBoard } from '../../../app/build/board-recipe.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import type { FirmwareTarget, Recipe } from '../../../app/build/recipe.ts';
import { errorTable } from '../../../app/errors/error-table.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { ErrorCode } from '../../../app/errors.ts';
import { expectationOf } from '../../../app/image/board-expectation.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import type { CachedImage } from '../../../main/firmware/image-cache.ts';
import type { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { checkBoardImages } from '../../../main/jobs/board-images.ts';
import { loadPresets } from '../../../main/presets.ts';
import { argument } from '../../bench/arguments.ts';
import { openBench, recipe } from './bench.ts';
import { cloneTree, makeByHand } from './make-by-hand.ts';

/**
 * `npm run check:firmware -- --klipper DIR --katapult DIR`: the builder against real Klipper and Katapult trees,
 * which are only read. Prints what was seen; ends with 1 where anything is not as it must be.
 */
const run = promisify(execFile);
const say = (line: string) => process.stdout.write(`${line}\n`);
const jobs = availableParallelism();
const boards = { F446: 'btt-octopus:f446', F407: 'btt-octopus:f407', F429: 'btt-octopus:f429' } as const;

const [klipper, katapult] = [argument('klipper'), argument('katapult')];
if (klipper === null || katapult === null) {
  say('usage: npm run check:firmware -- --klipper DIR --katapult DIR');
  process.exit(2);
}
const trees: Record<FirmwareTarget, string> = { klipper, katapult };

let failures = 0;

function tell(good: boolean, what: string): string {
  if (!good) failures++;
  return `${good ? 'ok  ' : 'FAIL'} ${what}`;
}

await using bench = await openBench();
const service = bench.service();
const presets = await loadPresets();

function build(from: FirmwareService, target: FirmwareTarget, wanted: Recipe, path = trees[target]) {
  const source = { type: 'folder', path } as const;
  return from.build({ target, recipe: wanted, presetId: null, source, on: 'local' });
}

/** One image by the station, all its cells, beside the same by hand. */
async function cell(board: keyof typeof boards, target: FirmwareTarget): Promise<CachedImage> {
  const wanted = recipeForBoard(findPreset(presets, boards[board])).recipe;
  const image = await build(service, target, wanted);
  const copy = join(bench.folder, `by-hand-${target}`);
  await cloneTree(trees[target], copy);
  const byHand = await makeByHand(copy, target, wanted, jobs);
  const same = Buffer.compare(byHand, image.bytes) === 0;
  const { info } = image.record;
  const figures = `${info.mcu ?? '?'} ${info.version ?? '?'} ${info.size} bytes ${info.sha256.slice(0, 12)}`;
  say(
    tell(
      same,
      `${board} ${target.padEnd(8)} ${figures}, ${same ? 'byte for byte' : 'NOT'} what make gives by hand`,
    ),
  );
  return image;
}

async function inspected(board: keyof typeof boards, images: readonly CachedImage[]): Promise<void> {
  const [first, second] = await Promise.all(
    images.map(async ({ bytes, record }) => ({
      name: record.info.kind,
      bytes,
      info: await inspectImage(bytes),
    })),
  );
  try {
    const expected = expectationOf(findPreset(presets, boards[board]));
    if (first && second) checkBoardImages({ bootloader: first, application: second }, expected);
    const { can, crystalHz } = second?.info ?? {};
    const told = `bridge on ${can?.pins?.join('/') ?? '?'}, crystal ${(crystalHz ?? 0) / 1e6} MHz`;
    say(tell(can?.role === 'bridge', `${board} both     fit the board and each other: ${told}`));
  } catch (error) {
    say(tell(false, `${board} both     ${String(error)}`));
  }
}

async function refused(what: string, code: ErrorCode, work: Promise<unknown>): Promise<void> {
  try {
    await work;
    say(tell(false, `${what}: was not refused`));
  } catch (error) {
    const got = isCanopusError(error) ? error.code : String(error);
    say(
      tell(got === code, `${what}: ${got}, "${isCanopusError(error) ? errorTable[error.code].title : ''}"`),
    );
    if (isCanopusError(error)) say(error.message.replace(/^/gm, '       '));
  }
}

say('Built by the station, beside a plain make by hand:');
for (const board of ['F446', 'F407', 'F429'] as const) {
  await inspected(board, [await cell(board, 'katapult'), await cell(board, 'klipper')]);
}

say('\nRefused:');
const renamed = join(bench.folder, 'renamed');
await cloneTree(trees.klipper, renamed);
const kconfig = join(renamed, 'src/stm32/Kconfig');
const text = await readFile(kconfig, 'utf8');
await writeFile(kconfig, text.replaceAll('STM32_CMENU_CANBUS_', 'STM32_BRIDGE_CANBUS_'));
await run('git', [
  '-C',
  renamed,
  '-c',
  'user.name=t',
  '-c',
  'user.email=t@example.invalid',
  'commit',
  '-qam',
  'rename',
]);
await refused(
  'a renamed kconfig symbol',
  'build/config-refused',
  build(service, 'klipper', recipe(), renamed),
);
const unknown = recipe({ mcu: 'stm32f499xx' });
await refused('an MCU that Klipper does not know', 'build/unknown-mcu', build(service, 'klipper', unknown));
await refused('an MCU that Katapult does not know', 'build/unknown-mcu', build(service, 'katapult', unknown));
const far = recipe({ applicationOffset: 0x10000 });
await refused('an offset that Katapult does not have', 'build/not-offered', build(service, 'katapult', far));
await refused(
  'STM32F103 as a bridge',
  'recipe/no-bridge',
  Promise.resolve().then(() => recipe({ mcu: 'stm32f103xe' })),
);
const bin = await bench.standIns({ 'arm-none-eabi-gcc': 'echo "arm-none-eabi-gcc (old) 4.9.3 20150529"' });
// With a separate cache: the full one would rightly return what the good toolchain built.
const old = bench.service({
  cacheFolder: join(bench.folder, 'cache of the old toolchain'),
  localEnvironment: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
});
await refused('an old toolchain', 'toolchain/too-old', build(old, 'klipper', recipe()));

say('\nThe trees that were given:');
for (const target of ['klipper', 'katapult'] as const) {
  const { stdout } = await run('git', ['-C', trees[target], 'status', '--porcelain', '-uno']);
  say(tell(stdout === '', `${target}: ${stdout === '' ? 'unchanged' : stdout}`));
}
say(failures === 0 ? '\nAll as it must be.' : `\n${failures} not as they must be.`);
process.exitCode = failures === 0 ? 0 : 1;
