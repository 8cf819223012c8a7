import { resolve } from 'node:path';
import type { FirmwareSource } from '../../app/build/firmware-source.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { BuildSweep } from './build-sweep.ts';
import { localMachine } from './local-machine.ts';
import type { LockFolder } from '../files/lock-folder.ts';
import { askMoonraker, remoteMachine, remoteRoot } from './remote-machine.ts';
import type { SourceSite, Sites } from './source-prepare.ts';
import { SourceStore } from './source-store.ts';
import { WorkSlots } from './work-slots.ts';

/** Where to build: `local`, `wsl`, `wsl:DISTRIBUTION` or `pi:USER@HOST[:PORT]`. */
export type MachineName = string;

/** A machine with its sources and its locks. */
export interface BuildSite extends SourceSite {
  readonly slots: WorkSlots;
  readonly sweep: BuildSweep;
}

interface BuildMachinesOptions {
  /** The station's folder; builds on this computer run in it. */
  readonly cacheFolder: string;
  readonly locks: LockFolder;
  /** Added to the environment of everything that runs on this computer, such as a PATH with another compiler. */
  readonly localEnvironment?: Readonly<Record<string, string>>;
  /** Opens a shell on `USER@HOST[:PORT]`. The callback asks the user for anything it needs. */
  readonly openPi: (host: string, signal: AbortSignal | undefined) => Promise<Shell>;
}

/** A Pi has four slow cores and little memory; a compiler's last stage takes 300 MB. */
const remoteBuilds = 2;
const localBuilds = 3;

/** The machines that this station builds on, opened on first use and kept until closed. */
export class BuildMachines implements AsyncDisposable {
  readonly #options: BuildMachinesOptions;
  readonly #sites = new Map<MachineName, Promise<BuildSite>>();
  #local: BuildSite | null = null;

  constructor(options: BuildMachinesOptions) {
    this.#options = options;
  }

  /** Throws `usage/invalid`, `build/no-builder`, and what opening a connection throws. */
  async get(name: MachineName, signal: AbortSignal | undefined): Promise<BuildSite> {
    if (name === 'local') return this.local();
    const known = this.#sites.get(name);
    if (known) return known;
    const opening = this.#open(name, signal);
    this.#sites.set(name, opening);
    try {
      return await opening;
    } catch (error) {
      this.#sites.delete(name);
      throw error;
    }
  }

  local(): BuildSite {
    const { cacheFolder, locks, localEnvironment } = this.#options;
    this.#local ??= site(localMachine(cacheFolder, locks, localEnvironment), localBuilds);
    return this.#local;
  }

  /** The machines that a build of this source on the named one takes. Throws what `get` throws. */
  async sites(
    name: MachineName,
    source: FirmwareSource,
    signal: AbortSignal | undefined,
  ): Promise<Sites<BuildSite>> {
    const builder = await this.get(name, signal);
    const local = () => this.local();
    if (source.type === 'pi') return { builder, reader: await this.get(`pi:${source.host}`, signal), local };
    const isSeen = source.type === 'git' || builder.machine.folderThere(resolve(source.path)) !== null;
    return { builder, reader: isSeen ? builder : local(), local };
  }

  /** Forgets a machine whose connection broke, so that the next use connects again. True if it was broken. */
  async dropIfLost(name: MachineName, error: unknown): Promise<boolean> {
    if (!isCanopusError(error, 'shell/lost') && !isCanopusError(error, 'shell/closed')) return false;
    const lost = this.#sites.get(name);
    this.#sites.delete(name);
    await lost?.then(
      ({ machine }) => machine.shell.close(),
      () => undefined,
    );
    return true;
  }

  async #open(name: MachineName, signal: AbortSignal | undefined): Promise<BuildSite> {
    const { cacheFolder, locks, openPi } = this.#options;
    if (name.startsWith('pi:')) {
      const shell = await openPi(name.slice(3), signal);
      const root = await remoteRoot(shell, cacheFolder, signal);
      const isPrinting = (aborted: AbortSignal | undefined) => askMoonraker(shell, aborted);
      const folderThere = () => null;
      return site(
        remoteMachine({ id: name, shell, root, locks, nice: true, folderThere, isPrinting }),
        remoteBuilds,
      );
    }
    if (name === 'wsl' || name.startsWith('wsl:')) {
      const { openWsl } = await import('./wsl-machine.ts');
      return site(await openWsl(name, { cacheFolder, locks, signal }), localBuilds);
    }
    throw new CanopusError('usage/invalid', `"${name}" is not a place to build: local, wsl or pi:USER@HOST`, {
      name,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const sites = [...this.#sites.values()];
    this.#sites.clear();
    await Promise.allSettled(sites.map(async (opening) => (await opening).machine.shell.close()));
    await this.#local?.machine.shell.close();
    this.#local = null;
  }
}

function site(machine: SourceSite['machine'], builds: number): BuildSite {
  const fixed: BuildSite['fixed'] = new Map();
  return {
    machine,
    fixed,
    sources: new SourceStore(machine, fixed),
    slots: new WorkSlots(builds),
    sweep: new BuildSweep(machine),
  };
}
