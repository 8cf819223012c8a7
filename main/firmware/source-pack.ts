import { CanopusError } from '../../app/errors.ts';
import type { BuildMachine } from './build-machine.ts';
import { ensureObjects, lockName, runGit, storeOf } from './source-mirror.ts';
import { hasScript, initScript, packScript, unpackScript } from './source-scripts.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/** Klipper with its libraries takes 13 MB. */
const maxPackBytes = 256 << 20;
const packTimeoutMs = 10 * 60_000;

/**
 * Copies a snapshot's content and version from its machine to another one. Returns the snapshot as that one sees it.
 */
export async function carrySnapshot(
  snapshot: SourceSnapshot,
  from: BuildMachine,
  to: BuildMachine,
  signal?: AbortSignal,
): Promise<SourceSnapshot> {
  const location = `${from.shell.label}: ${snapshot.location}`;
  const store = await storeOf(to, location);
  const carried: SourceSnapshot = { ...snapshot, location, store, origin: 'packed' };
  const { treeId } = snapshot;
  const commit = snapshot.commit ?? '';
  const doing = `look for ${location}`;
  const has = await runGit(to, hasScript, [store, treeId, commit], { doing, signal });
  if (has.trim() === 'yes') return carried;
  await ensureObjects(from, snapshot, signal);
  const there = `${snapshot.store}/pack/${treeId}`;
  const packing = { doing: `pack ${snapshot.location}`, signal, timeoutMs: packTimeoutMs };
  const [pack, tags] = await from.exclusive(`pack-${treeId}`, signal, async () => {
    try {
      await runGit(from, packScript, [snapshot.store, commit, treeId, there], packing);
      return await Promise.all(
        ['.pack', '.tags'].map((ending) =>
          from.shell.readFile(there + ending, { maxBytes: maxPackBytes, signal }),
        ),
      );
    } finally {
      await from.shell.remove(`${snapshot.store}/pack`).catch(() => undefined);
    }
  });
  if (!pack || !tags) throw new CanopusError('internal', 'a packed source has two files');
  const receiving = { ...packing, doing: `receive ${snapshot.location}` };
  return to.exclusive(lockName(store), signal, async () => {
    const here = `${store}/pack/${treeId}`;
    try {
      await runGit(to, initScript, [store, location], receiving);
      await to.shell.makeFolder(`${store}/pack`, signal);
      await to.shell.writeFile(`${here}.pack`, pack, { signal });
      await to.shell.writeFile(`${here}.tags`, tags, { signal });
      await runGit(to, unpackScript, [store, here, commit, treeId], receiving);
    } finally {
      await to.shell.remove(`${store}/pack`).catch(() => undefined);
    }
    return carried;
  });
}
