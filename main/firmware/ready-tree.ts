import { CanopusError } from '../../app/errors.ts';
import type { BuildTask } from './build-task.ts';
import { checkOut } from './source-tree.ts';

/**
 * The work tree of a task, on a machine that is swept and not printing. Throws `build/printing`, `source/git-failed`, and
 * what the shell throws.
 */
export async function readyTree(
  { request, site, snapshot }: BuildTask,
  signal: AbortSignal,
): Promise<string> {
  const { machine } = site;
  await site.sweep.once(signal);
  if (!request.whilePrinting && (await machine.isPrinting(signal))) {
    throw new CanopusError('build/printing', `${machine.shell.label} is printing`, {
      machine: machine.shell.label,
    });
  }
  return checkOut(site, snapshot, signal);
}
