import { sha256Hex } from '../../app/sha256.ts';
import { CanopusError } from '../../app/errors.ts';
import { abbreviationOf } from './git-environment.ts';
import { ensureObjects, fetchTimeoutMs, lockName, runGit } from './source-mirror.ts';
import { checkoutScript } from './source-scripts.ts';
import type { MirrorSite, SourceSnapshot } from './source-snapshot.ts';

/**
 * The work tree of a snapshot, made on first use, checked on each. Nothing writes to it; several builds may read it at
 * once. Throws `source/git-failed` if the tree does not state the snapshot's version.
 */
export async function checkOut(
  { machine, fixed }: MirrorSite,
  snapshot: SourceSnapshot,
  signal?: AbortSignal,
): Promise<string> {
  const { store, commit, treeId, version, location } = snapshot;
  const name = (await sha256Hex(`${treeId} ${version}`)).slice(0, 16);
  await ensureObjects(machine, snapshot, signal);
  return machine.exclusive(lockName(store), signal, async () => {
    const digits = String(abbreviationOf(version) ?? 7);
    const args = [store, name, commit ?? '', treeId, version, digits];
    // If the mirror has changed, the next caller must look again.
    fixed.clear();
    const said = await runGit(machine, checkoutScript, args, {
      doing: `check out ${location}`,
      signal,
      timeoutMs: fetchTimeoutMs,
      understood: [42],
    });
    if (said === '') return `${store}/trees/${name}`;
    const message = `${location} calls itself ${version}, but its copy says ${said.trim()}`;
    throw new CanopusError('source/git-failed', message, { version, said: said.trim() });
  });
}
