import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { argument } from '../../bench/arguments.ts';
import { openBench, recipe } from './bench.ts';
import { cloneTree, makeByHand } from './make-by-hand.ts';

/**
 * `npm run check:versions -- --klipper DIR --at REF,REF… [--katapult DIR --katapult-at REF,REF…]`: each version of a
 * real tree for each board, built by `canopus build`'s builder and beside it by a plain make in a clone. The trees are
 * only read. Ends with 1 where the two differ in one byte, or one is refused that is not to be.
 */
const run = promisify(execFile);
const say = (line: string) => process.stdout.write(`${line}\n`);
const jobs = availableParallelism();
const boards = {
  F446: recipe(),
  F407: recipe({ mcu: 'stm32f407xx', crystalHz: 8_000_000 }),
  F429: recipe({ mcu: 'stm32f429xx', crystalHz: 8_000_000 }),
};
/** The commit that mends the bridge on F446 (Klipper issue 5667): git is asked, not the table under test. */
const f446Mended = '6aec6efcc963c523d665adabc99e15a736c2dda1';

const wanted: { target: FirmwareTarget; tree: string; refs: string[] }[] = [];
for (const target of ['klipper', 'katapult'] as const) {
  const tree = argument(target);
  const refs = argument(target === 'klipper' ? 'at' : 'katapult-at');
  if (tree !== null) wanted.push({ target, tree, refs: (refs ?? 'HEAD').split(',') });
}
if (wanted.length === 0) {
  say('usage: npm run check:versions -- --klipper DIR --at REF,REF [--katapult DIR --katapult-at REF,REF]');
  process.exit(2);
}

let failures = 0;
const tell = (good: boolean, what: string) => {
  if (!good) failures++;
  say(`${good ? 'ok  ' : 'FAIL'} ${what}`);
};

await using bench = await openBench();
const service = bench.service();

async function git(tree: string, ...args: string[]): Promise<string> {
  return (await run('git', ['-C', tree, ...args], { maxBuffer: 64 << 20 })).stdout.trim();
}

async function check(target: FirmwareTarget, tree: string, ref: string): Promise<void> {
  const copy = join(bench.folder, `${target} ${ref.replaceAll('/', '-')}`.replaceAll(' ', '-'));
  await cloneTree(tree, copy);
  await git(copy, 'checkout', '-q', '--detach', await git(tree, 'rev-parse', `${ref}^{commit}`));
  const version = await git(copy, 'describe', '--always', '--tags', '--long', '--dirty');
  const mended = await git(copy, 'merge-base', '--is-ancestor', f446Mended, 'HEAD').then(
    () => true,
    () => false,
  );
  for (const [name, board] of Object.entries(boards)) {
    const broken = target === 'klipper' && name === 'F446' && !mended;
    const label = `${target} ${version} ${name}`;
    try {
      const source = { type: 'folder', path: copy } as const;
      const image = await service.build({ target, recipe: board, presetId: null, source, on: 'local' });
      const byHand = await makeByHand(copy, target, board, jobs);
      const same = Buffer.compare(byHand, image.bytes) === 0;
      const { info } = image.record;
      const crystal = info.crystalHz === null ? 'crystal not told' : `${info.crystalHz / 1e6} MHz`;
      tell(
        same && !broken,
        `${label}: ${info.size} bytes, ${crystal}, ${same ? 'as by hand' : 'NOT as by hand'}`,
      );
    } catch (error) {
      const code = isCanopusError(error) ? error.code : 'foreign error';
      tell(broken && code === 'build/known-fault', `${label}: ${code}`);
      say(String(error instanceof Error ? error.message : error).replace(/^/gm, '       '));
    }
  }
}

for (const { target, tree, refs } of wanted) for (const ref of refs) await check(target, tree, ref);
say(failures === 0 ? '\nAll as it must be.' : `\n${failures} not as they must be.`);
process.exitCode = failures === 0 ? 0 : 1;
