import type { FirmwareTarget } from '../../app/build/recipe.ts';
import { isCommitId } from '../../app/build/firmware-source.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { runScript } from './build-machine.ts';
import type { BuildMachine } from './build-machine.ts';
import { readFolderState } from './folder-state.ts';
import type { FolderState } from './folder-state.ts';
import { abbreviationFor, gitEnvironment } from './git-environment.ts';
import { fetchTimeoutMs, importCommit, lockName, runGit, storeOf } from './source-mirror.ts';
import {
  addChangesScript,
  addPlainScript,
  commitTreeScript,
  countScript,
  describeScript,
  fetchScript,
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

/**
 * The source trees of one machine: the current content of a folder or a URL. A URL has one mirror in the machine's
 * folder, made on first use and without the contents of old commits if the server can leave them out; the history
 * itself is needed, because the version in an image counts commits.
 */
export class SourceStore {
  readonly #machine: BuildMachine;
  readonly #remembered = new Map<string, Promise<string>>();
  readonly #fixed: Map<string, SourceSnapshot>;

  /** `fixed`: snapshots of tags and commits, to be cleared when a mirror may have changed. */
  constructor(machine: BuildMachine, fixed: Map<string, SourceSnapshot>) {
    this.#machine = machine;
    this.#fixed = fixed;
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

  async #ofFolder(path: string, target: FirmwareTarget, options: SnapshotOptions): Promise<SourceSnapshot> {
    const { shell } = this.#machine;
    const state = await readFolderState(shell, path, options.signal);
    const store = await storeOf(this.#machine, state.path);
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
      return (
        await runGit(this.#machine, commitTreeScript, [path, commit], { doing: `read ${path}` })
      ).trim();
    });
  }

  async #requireFirmware(path: string, target: FirmwareTarget): Promise<void> {
    const isIt = await runGit(this.#machine, isFirmwareScript, [path, makefileMarks[target]], {
      doing: `read ${path}`,
    });
    if (isIt.trim() === 'yes') return;
    const message = `${path} on ${this.#machine.shell.label} is not a ${target} tree: it needs src/Kconfig and a Makefile that makes ${target}`;
    throw new CanopusError('source/not-firmware', message, { path, target });
  }

  /** `git describe` of a commit with the folder's tags; run once for all callers, since it walks the history. */
  #describe(state: FolderState & { type: 'git' }): Promise<string> {
    return this.#remember(`${state.path} ${state.commit} ${state.tagsId}`, async () => {
      const describe = 'git -C "$1" describe --always --tags --long "$2"';
      return (
        await runGit(this.#machine, describe, [state.path, state.commit], { doing: `describe ${state.path}` })
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
        await runGit(this.#machine, initScript, [store, state.path], { doing, signal });
        return (await runGit(this.#machine, addPlainScript, [store, state.path], { doing, signal })).trim();
      });
    }
    return this.#machine.exclusive(lockName(store), signal, async () => {
      await importCommit(this.#machine, { store, path: state.path, commit: state.commit }, signal);
      const args = [store, state.path, state.commit, ...state.untracked];
      return (await runGit(this.#machine, addChangesScript, args, { doing, signal })).trim();
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
    const store = await storeOf(this.#machine, url);
    const { commit, isFixed } = await this.#machine.exclusive(lockName(store), options.signal, () =>
      this.#resolve(store, url, ref, options),
    );
    const [treeId = '', tagsId = ''] = (
      await runGit(this.#machine, treeScript, [store, commit, makefileMarks[target]], {
        doing: `read ${url}`,
        signal: options.signal,
        understood: [41],
      })
    ).split('\n');
    if (treeId === '') {
      const message = `${url} at ${ref} is not a ${target} tree: it needs src/Kconfig and a Makefile that makes ${target}`;
      throw new CanopusError('source/not-firmware', message, { url, ref, target });
    }
    const version = await this.#remember(`${store} ${commit} ${tagsId}`, async () => {
      const count = await runGit(this.#machine, countScript, [store, commit], { doing: `read ${url}` });
      const digits = String(abbreviationFor(Number(count)));
      return (
        await runGit(this.#machine, describeScript, [store, commit, digits], {
          doing: `describe ${url}`,
          signal: options.signal,
        })
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
    await runGit(this.#machine, initScript, [store, url], { doing: `make a mirror of ${url}`, signal });
    const known = (
      await runGit(this.#machine, resolveScript, [store, ref], { doing: `read ${url}`, signal })
    ).trim();
    const [kind = '', before = ''] = known.split(' ');
    if (before !== '' && kind !== 'branch') return { commit: before, isFixed: true };
    try {
      await this.#fetch(store, url, ref, signal);
    } catch (error) {
      if (before === '' || !isCanopusError(error, 'source/unreachable')) throw error;
      options.onNote?.(`${url} could not be reached; using ${ref} as last fetched, ${before.slice(0, 9)}`);
      return { commit: before, isFixed: false };
    }
    const [now = '', after = ''] = (
      await runGit(this.#machine, resolveScript, [store, ref], { doing: `read ${url}`, signal })
    )
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
}
