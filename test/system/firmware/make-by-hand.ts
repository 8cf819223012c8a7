import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fragmentOf } from '../../../app/build/fragment.ts';
import { formatKconfig } from '../../../app/build/kconfig.ts';
import type { FirmwareTarget, Recipe } from '../../../app/build/recipe.ts';

const run = promisify(execFile);
const maxBuffer = 64 << 20;

/** A tree of the user in which make runs, as the guides say: a clone, so that the given one stays unchanged. */
export async function cloneTree(source: string, path: string): Promise<void> {
  if (!existsSync(path)) await run('git', ['clone', '-q', '--local', source, path], { maxBuffer });
}

/** What a person does after menuconfig: configure, compile from scratch, in the tree itself. Returns the image. */
export async function makeByHand(
  tree: string,
  target: FirmwareTarget,
  recipe: Recipe,
  jobs: number,
): Promise<Buffer> {
  await rm(join(tree, 'out'), { recursive: true, force: true });
  await writeFile(join(tree, '.config'), formatKconfig(fragmentOf(recipe, target).asked));
  await run('make', ['-C', tree, 'olddefconfig'], { maxBuffer });
  await run('make', ['-C', tree, `-j${jobs}`], { maxBuffer });
  // Katapult was called CanBoot.
  const canBoot = join(tree, 'out/canboot.bin');
  return readFile(target === 'katapult' && existsSync(canBoot) ? canBoot : join(tree, `out/${target}.bin`));
}
