import { CanopusError } from '../../app/errors.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine, ScriptOptions } from './build-machine.ts';
import { gitEnvironment } from './git-environment.ts';
import { initScript, packScript, unpackScript } from './source-scripts.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import { lockName } from './source-store.ts';
import type { SourceStore } from './source-store.ts';

/** Klipper with its libraries takes 13 MB. */
const maxPackBytes = 256 << 20;
const packTimeoutMs = 10 * 60_000;

/**
 * Copies a snapshot's content and version from its machine to another one. Returns the snapshot as that one sees it.
 */
export async function carrySnapshot(
  snapshot: SourceSnapshot,
  from: { machine: BuildMachine; sources: SourceStore },
  to: { machine: BuildMachine; sources: SourceStore },
  signal?: AbortSignal,
): Promise<SourceSnapshot> {
  const location = `${from.machine.shell.label}: ${snapshot.location}`;
  const store = await to.sources.storeOf(location);
  const carried: SourceSnapshot = { ...snapshot, location, store, origin: 'packed' };
  if (await to.sources.has(carried, signal)) return carried;
  await from.sources.ensureObjects(snapshot, signal);
  const commit = snapshot.commit ?? '';
  const there = `${snapshot.store}/pack/${snapshot.treeId}`;
  const [pack, tags] = await from.machine.exclusive(`pack-${snapshot.treeId}`, signal, async () => {
    try {
      await script(
        from.machine,
        packScript,
        [snapshot.store, commit, snapshot.treeId, there],
        'pack',
        snapshot,
        signal,
      );
      return await Promise.all(
        ['.pack', '.tags'].map((ending) =>
          from.machine.shell.readFile(there + ending, { maxBytes: maxPackBytes, signal }),
        ),
      );
    } finally {
      await from.machine.shell.remove(`${snapshot.store}/pack`).catch(() => undefined);
    }
  });
  if (!pack || !tags) throw new CanopusError('internal', 'a packed source has two files');
  return to.machine.exclusive(lockName(store), signal, async () => {
    const here = `${store}/pack/${snapshot.treeId}`;
    try {
      await script(to.machine, initScript, [store, location], 'receive', snapshot, signal);
      await to.machine.shell.makeFolder(`${store}/pack`, signal);
      await to.machine.shell.writeFile(`${here}.pack`, pack, { signal });
      await to.machine.shell.writeFile(`${here}.tags`, tags, { signal });
      await script(
        to.machine,
        unpackScript,
        [store, here, commit, snapshot.treeId],
        'receive',
        snapshot,
        signal,
      );
    } finally {
      await to.machine.shell.remove(`${store}/pack`).catch(() => undefined);
    }
    return carried;
  });
}

async function script(
  machine: BuildMachine,
  text: string,
  args: readonly string[],
  verb: string,
  snapshot: SourceSnapshot,
  signal: AbortSignal | undefined,
): Promise<void> {
  const failure: ScriptOptions['failure'] = {
    code: 'source/git-failed',
    doing: `${verb} ${snapshot.location}`,
  };
  await runScript(machine.shell, text, args, {
    env: gitEnvironment,
    signal,
    timeoutMs: packTimeoutMs,
    failure,
  });
}
