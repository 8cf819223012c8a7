import { sha256Hex } from '../../app/sha256.ts';
import type { FirmwareTarget } from '../../app/build/recipe.ts';
import { isCommitId } from '../../app/build/firmware-source.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine, ScriptOptions } from './build-machine.ts';
import { readFolderState } from './folder-state.ts';
import type { FolderState } from './folder-state.ts';
import { abbreviationFor, abbreviationOf, gitEnvironment } from './git-environment.ts';
import {
  addChangesScript,
  addPlainScript,
  checkoutScript,
  commitTreeScript,
  countScript,
  describeScript,
  fetchScript,
  hasScript,
  importScript,
  initScript,
  isFirmwareScript,
  resolveScript,
  treeScript,
} from './source-scripts.ts';
import { makefileMarks } from './source-snapshot.ts';
import type { SourceSnapshot } from './source-snapshot.ts';

/** A source from the view of the machine that builds. */
type MachineSource =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'git'; readonly url: string; readonly ref: string };

export interface SnapshotOptions {
  readonly signal?: AbortSignal | undefined;
  /** A message: what could not be done, and what is used instead. */
  readonly onNote?: (text: string) => void;
}

const fetchTimeoutMs = 15 * 60_000;

/**
 * The source trees of one machine: the current content of a folder or a URL. A URL has one mirror in the machine's
 * folder, made on first use and without the contents of old commits if the server can leave them out; the history
 * itself is needed, because the version in an image counts commits.
 */
export class SourceStore {
  readonly #machine: BuildMachine;
  readonly #remembered = new Map<string, Promise<string>>();
  readonly #fixed = new Map<string, SourceSnapshot>();

  constructor(machine: BuildMachine) {
    this.#machine = machine;
  }

  /**
   * The current content of the source. Throws `source/not-firmware`, `source/unreachable`, `source/unknown-ref`,
   * `source/git-failed`, `file/missing`, and what the shell throws.
   */
  snapshot(
    source: MachineSource,
    target: FirmwareTarget,
    options: SnapshotOptions = {},
  ): Promise<SourceSnapshot> {
    return source.type === 'folder'
      ? this.#ofFolder(source.path, target, options)
      : this.#ofUrl(source.url, source.ref, target, options);
  }

  /** Our folder for a location. */
  async storeOf(location: string): Promise<string> {
    return `${this.#machine.root}/sources/${(await sha256Hex(location)).slice(0, 16)}`;
  }

  async #ofFolder(path: string, target: FirmwareTarget, options: SnapshotOptions): Promise<SourceSnapshot> {
    const { shell } = this.#machine;
    const state = await readFolderState(shell, path, options.signal);
    const store = await this.storeOf(state.path);
    const same = { target, location: path, store, ref: null, origin: 'folder' } as const;
    if (state.type === 'git' && !state.changed && state.untracked.length === 0) {
      const { commit } = state;
      const [treeId, version] = await Promise.all([this.#treeOf(state, target), this.#describe(state)]);
      return { ...same, commit, treeId, version, dirty: false };
    }
    await this.#requireFirmware(state.path, target);
    const treeId = await this.#takeOver(store, state, options.signal);
    if (state.type === 'plain') return { ...same, commit: null, treeId, version: '?', dirty: true };
    const [committed, described] = await Promise.all([this.#treeOf(state, target), this.#describe(state)]);
    // Changed only in date or line ends: the content is that of the commit.
    const dirty = treeId !== committed;
    return {
      ...same,
      commit: state.commit,
      treeId,
      version: dirty ? `${described}-dirty` : described,
      dirty,
    };
  }

  /**
   * The tree of a folder's commit; for a clean folder this is also the check whether it contains the firmware at all.
   */
  #treeOf({ path, commit }: FolderState & { type: 'git' }, target: FirmwareTarget): Promise<string> {
    return this.#remember(`tree ${target} ${path} ${commit}`, async () => {
      await this.#requireFirmware(path, target);
      return (await this.#git(commitTreeScript, [path, commit], `read ${path}`, undefined)).trim();
    });
  }

  async #requireFirmware(path: string, target: FirmwareTarget): Promise<void> {
    const isIt = await this.#git(isFirmwareScript, [path, makefileMarks[target]], `read ${path}`, undefined);
    if (isIt.trim() === 'yes') return;
    const message = `${path} on ${this.#machine.shell.label} is not a ${target} tree: it needs src/Kconfig and a Makefile that makes ${target}`;
    throw new CanopusError('source/not-firmware', message, { path, target });
  }

  /** `git describe` of a commit with the folder's tags; run once for all callers, since it walks the history. */
  #describe(state: FolderState & { type: 'git' }): Promise<string> {
    return this.#remember(`${state.path} ${state.commit} ${state.tagsId}`, async () => {
      const script = 'git -C "$1" describe --always --tags --long "$2"';
      return (
        await this.#git(script, [state.path, state.commit], `describe ${state.path}`, undefined)
      ).trim();
    });
  }

  async #remember(key: string, ask: () => Promise<string>): Promise<string> {
    const known = this.#remembered.get(key) ?? ask();
    this.#remembered.set(key, known);
    try {
      return await known;
    } catch (error) {
      this.#remembered.delete(key);
      throw error;
    }
  }

  /**
   * Copies the content of a changed folder, or of one that is not in git, into our own objects and returns its tree id:
   * all tracked files in their current state, and untracked ones where a build looks.
   */
  async #takeOver(store: string, state: FolderState, signal: AbortSignal | undefined): Promise<string> {
    const doing = `read the changes in ${state.path}`;
    if (state.type === 'plain') {
      return this.#machine.exclusive(lockName(store), signal, async () => {
        await this.#git(initScript, [store, state.path], doing, signal);
        return (await this.#git(addPlainScript, [store, state.path], doing, signal)).trim();
      });
    }
    return this.#machine.exclusive(lockName(store), signal, async () => {
      await this.#import(store, state.path, state.commit, signal);
      const args = [store, state.path, state.commit, ...state.untracked];
      return (await this.#git(addChangesScript, args, doing, signal)).trim();
    });
  }

  /** Copies a commit of a folder into the folder's mirror. The caller holds the store's lock. */
  async #import(store: string, path: string, commit: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#git(importScript, [store, path, commit], `copy ${path}`, signal, fetchTimeoutMs);
  }

  /** Makes sure that all of a snapshot is in our own mirror: a clean folder was only read so far. */
  async ensureObjects(snapshot: SourceSnapshot, signal?: AbortSignal): Promise<void> {
    const { origin, store, location, commit, dirty } = snapshot;
    if (origin !== 'folder' || commit === null || dirty) return;
    await this.#machine.exclusive(lockName(store), signal, () =>
      this.#import(store, location, commit, signal),
    );
  }

  /** True if the content of a snapshot from another machine is already here. */
  async has(snapshot: SourceSnapshot, signal?: AbortSignal): Promise<boolean> {
    const args = [snapshot.store, snapshot.treeId, snapshot.commit ?? ''];
    return (await this.#git(hasScript, args, `look for ${snapshot.location}`, signal)).trim() === 'yes';
  }

  /**
   * The work tree of a snapshot, made on first use, checked on each. Nothing writes to it; several builds may read it
   * at once. Throws `source/git-failed` if the tree does not state the snapshot's version.
   */
  async checkOut(snapshot: SourceSnapshot, signal?: AbortSignal): Promise<string> {
    const { store, commit, treeId, version } = snapshot;
    const name = (await sha256Hex(`${treeId} ${version}`)).slice(0, 16);
    await this.ensureObjects(snapshot, signal);
    return this.#machine.exclusive(lockName(store), signal, async () => {
      const digits = String(abbreviationOf(version) ?? 7);
      const args = [store, name, commit ?? '', treeId, version, digits];
      const doing = `check out ${snapshot.location}`;
      // If the mirror has changed, the next caller must look again.
      this.#fixed.clear();
      const said = await this.#git(checkoutScript, args, doing, signal, fetchTimeoutMs, [42]);
      if (said === '') return `${store}/trees/${name}`;
      const message = `${snapshot.location} calls itself ${version}, but its copy says ${said.trim()}`;
      throw new CanopusError('source/git-failed', message, { version, said: said.trim() });
    });
  }

  async #ofUrl(
    url: string,
    ref: string,
    target: FirmwareTarget,
    options: SnapshotOptions,
  ): Promise<SourceSnapshot> {
    // A tag or a commit always means the same: looked up once per process.
    const known = this.#fixed.get(`${target} ${url} ${ref}`);
    if (known) return known;
    const store = await this.storeOf(url);
    const { commit, isFixed } = await this.#machine.exclusive(lockName(store), options.signal, () =>
      this.#resolve(store, url, ref, options),
    );
    const [treeId = '', tagsId = ''] = (
      await this.#git(
        treeScript,
        [store, commit, makefileMarks[target]],
        `read ${url}`,
        options.signal,
        undefined,
        [41],
      )
    ).split('\n');
    if (treeId === '') {
      const message = `${url} at ${ref} is not a ${target} tree: it needs src/Kconfig and a Makefile that makes ${target}`;
      throw new CanopusError('source/not-firmware', message, { url, ref, target });
    }
    const version = await this.#remember(`${store} ${commit} ${tagsId}`, async () => {
      const count = await this.#git(countScript, [store, commit], `read ${url}`, undefined);
      const digits = String(abbreviationFor(Number(count)));
      return (
        await this.#git(describeScript, [store, commit, digits], `describe ${url}`, options.signal)
      ).trim();
    });
    const snapshot = {
      target,
      location: url,
      store,
      commit,
      ref,
      treeId,
      version,
      dirty: false,
      origin: 'git',
    } as const;
    if (isFixed) this.#fixed.set(`${target} ${url} ${ref}`, snapshot);
    return snapshot;
  }

  /**
   * The commit that a ref means. A commit or tag that is here needs no network. A branch is fetched each time; if that
   * fails, its last state is used, with a message.
   */
  async #resolve(
    store: string,
    url: string,
    ref: string,
    options: SnapshotOptions,
  ): Promise<{ commit: string; isFixed: boolean }> {
    const { signal } = options;
    await this.#git(initScript, [store, url], `make a mirror of ${url}`, signal);
    const known = (await this.#git(resolveScript, [store, ref], `read ${url}`, signal)).trim();
    const [kind = '', before = ''] = known.split(' ');
    if (before !== '' && kind !== 'branch') return { commit: before, isFixed: true };
    try {
      await this.#fetch(store, url, ref, signal);
    } catch (error) {
      if (before === '' || !isCanopusError(error, 'source/unreachable')) throw error;
      options.onNote?.(`${url} could not be reached; using ${ref} as last fetched, ${before.slice(0, 9)}`);
      return { commit: before, isFixed: false };
    }
    const [now = '', after = ''] = (await this.#git(resolveScript, [store, ref], `read ${url}`, signal))
      .trim()
      .split(' ');
    if (after !== '') return { commit: after, isFixed: now !== 'branch' };
    throw new CanopusError('source/unknown-ref', `${url} has no branch, tag or commit ${ref}`, { url, ref });
  }

  async #fetch(store: string, url: string, ref: string, signal: AbortSignal | undefined): Promise<void> {
    await runScript(this.#machine.shell, fetchScript, [store, url, isCommitId(ref) ? ref : ''], {
      env: gitEnvironment,
      signal,
      timeoutMs: fetchTimeoutMs,
      failure: { code: 'source/unreachable', doing: `fetch ${url}` },
    });
  }

  async #git(
    script: string,
    args: readonly string[],
    doing: string,
    signal: AbortSignal | undefined,
    timeoutMs = 120_000,
    understood: readonly number[] = [],
  ): Promise<string> {
    const failure: ScriptOptions['failure'] = { code: 'source/git-failed', doing };
    const options = { env: gitEnvironment, signal, timeoutMs, failure, understood };
    return (await runScript(this.#machine.shell, script, args, options)).stdout;
  }
}

/** Every write to one store holds this lock. */
export function lockName(store: string): string {
  return `source-${store.slice(store.lastIndexOf('/') + 1)}`;
}
