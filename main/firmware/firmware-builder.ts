import { hostname } from 'node:os';
import { checkBuiltImage } from '../../app/build/built-image.ts';
import type { BuildEvent, BuildPhase } from '../../app/build/build-event.ts';
import { cacheKey } from '../../app/build/cache-key.ts';
import type { LogLevel } from '../../app/build/compiler-line.ts';
import { formatFirmwareSource } from '../../app/build/firmware-source.ts';
import { fragmentOf } from '../../app/build/fragment.ts';
import type { Fragment } from '../../app/build/fragment.ts';
import { storedInfoOf } from '../../app/build/image-record.ts';
import { formatKconfig } from '../../app/build/kconfig.ts';
import type { KconfigValues } from '../../app/build/kconfig.ts';
import { requireToolchain } from '../../app/build/toolchain.ts';
import type { Toolchain } from '../../app/build/toolchain.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import type { ErrorCode } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import { canopusVersion } from '../version.ts';
import { refuseFaultyConfig, refuseFaultyVersion } from './known-fault.ts';
import { makeBuildFolder, sweepBuildFolders } from './build-folders.ts';
import { BuildLog } from './build-log.ts';
import type { BuildMachines, BuildSite } from './build-machines.ts';
import type { BuildOptions, BuildRequest } from './build-request.ts';
import type { KeptConfigs } from './kept-configs.ts';
import type { CachedImage, ImageCache } from './image-cache.ts';
import { findKnownImage, noteOfKnown } from './known-image.ts';
import type { LockFolder } from '../files/lock-folder.ts';
import { compileFirmware, configureFirmware } from './make-firmware.ts';
import type { FirmwareMake } from './make-firmware.ts';
import { SharedWork } from './shared-work.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { prepareSource } from './source-prepare.ts';
import type { SourceSnapshot } from './source-snapshot.ts';
import { KnownToolchains } from './known-toolchains.ts';

interface FirmwareBuilderOptions {
  readonly cache: ImageCache;
  readonly configs: KeptConfigs;
  readonly machines: BuildMachines;
  readonly locks: LockFolder;
}

const defaultTimeoutMs = 15 * 60_000;
/** Errors for which an image built on another computer is the best alternative. */
const cannotBuild = [
  'toolchain/missing',
  'toolchain/too-old',
  'build/no-builder',
  'source/unreachable',
] as const satisfies readonly ErrorCode[];

type Emit = (event: BuildEvent) => void;

/** The work that callers share: one image of one snapshot on one machine. */
interface Task {
  readonly request: BuildRequest;
  readonly site: BuildSite;
  readonly snapshot: SourceSnapshot;
  readonly fragment: Fragment;
  /** The same for everyone who wants this image from this machine. */
  readonly id: string;
}

/** How a build is followed and stopped. */
interface Telling {
  readonly signal: AbortSignal;
  readonly onLine: FirmwareMake['onLine'];
  readonly onPhase: (phase: BuildPhase) => void;
}

/** Builds images or takes them from the cache; the same image requested many times at once is built once. */
export class FirmwareBuilder {
  readonly #options: FirmwareBuilderOptions;
  readonly #flights = new SharedWork<CachedImage, BuildEvent>();
  readonly toolchains = new KnownToolchains();
  readonly #swept = new Map<string, Promise<unknown>>();

  constructor(options: FirmwareBuilderOptions) {
    this.#options = options;
  }

  /**
   * The image, verified and inspected. Throws `recipe/*`, `source/*`, `toolchain/*`, `build/*`, `cancelled`, and what
   * connecting to the machine throws.
   */
  async build(request: BuildRequest, options: BuildOptions = {}): Promise<CachedImage> {
    const { target } = request;
    const emit: Emit = (event) => options.onEvent?.(event);
    let snapshot: SourceSnapshot | null = null;
    try {
      const task = await this.#prepare(request, options, (each) => (snapshot = each));
      return await this.#flights.join(task.id, options, (signal, tell) => this.#fly(task, signal, tell));
    } catch (error) {
      // Leftovers on a lost machine are cleared away when it is reached again.
      if (await this.#options.machines.dropIfLost(request.on, error)) this.#swept.clear();
      if (!cannotBuild.some((code) => isCanopusError(error, code))) throw error;
      const known = await findKnownImage(this.#options.cache, request, snapshot);
      if (known === null) throw error;
      emit({ type: 'note', target, text: noteOfKnown(known, error) });
      emit({ type: 'cached', target, key: known.record.key });
      return known;
    }
  }

  /**
   * Configures without compiling, so that a choice that one of two trees does not know is refused before the other one
   * is compiled. Throws what `build` throws up to there. If this machine has no tools it returns: an image from another
   * computer may exist, and `build` says what is missing.
   */
  async check(request: BuildRequest, options: BuildOptions = {}): Promise<void> {
    const signal = options.signal ?? new AbortController().signal;
    try {
      const task = await this.#prepare(request, options, () => undefined);
      const known = await this.#options.configs.get(this.#memoKey(task));
      if (known !== null) {
        refuseFaultyConfig(request, task.snapshot, known);
        return;
      }
      requireToolchain(await this.toolchains.of(task.site, signal), task.site.machine.shell.label);
      const { target } = request;
      const onLine = (text: string, level: LogLevel) =>
        options.onEvent?.({ type: 'log', target, level, text });
      const onPhase = (phase: BuildPhase) => options.onEvent?.({ type: 'phase', target, phase });
      await this.#configured(task, { signal, onLine, onPhase }, () => Promise.resolve());
    } catch (error) {
      if (await this.#options.machines.dropIfLost(request.on, error)) this.#swept.clear();
      if (!cannotBuild.some((code) => isCanopusError(error, code))) throw error;
    }
  }

  async #prepare(
    request: BuildRequest,
    options: BuildOptions,
    onSnapshot: (snapshot: SourceSnapshot) => void,
  ): Promise<Task> {
    const { target } = request;
    const emit: Emit = (event) => options.onEvent?.(event);
    const fragment = fragmentOf(request.recipe, target);
    emit({ type: 'phase', target, phase: 'source' });
    const sites = await this.#options.machines.sites(request.on, options.signal);
    const snapshot = await prepareSource(request.source, target, sites, {
      signal: options.signal,
      onNote: (text) => emit({ type: 'note', target, text }),
    });
    onSnapshot(snapshot);
    refuseFaultyVersion(request, snapshot);
    const site = sites.builder;
    const asked = formatKconfig(fragment.asked);
    const id = [site.machine.id, target, snapshot.treeId, snapshot.version, asked].join('\n');
    return { request, site, snapshot, fragment, id };
  }

  async #fly(task: Task, signal: AbortSignal, emit: Emit): Promise<CachedImage> {
    const { request, site } = task;
    const { target } = request;
    emit({ type: 'phase', target, phase: 'toolchain' });
    requireToolchain(await this.toolchains.of(site), site.machine.shell.label);
    const found = await this.#find(task, emit);
    if (found) return found;
    return this.#options.locks.hold(
      `build-${sha256Of(Buffer.from(task.id)).slice(0, 32)}`,
      {
        signal,
        timeoutMs: (request.timeoutMs ?? defaultTimeoutMs) + 60_000,
        onWait: () => emit({ type: 'phase', target, phase: 'wait' }),
      },
      // Another process may have built it while this one waited.
      async () => (await this.#find(task, emit)) ?? (await this.#make(task, signal, emit)),
    );
  }

  /** The image from the cache, if its configuration is known and it is stored. */
  async #find(task: Task, emit: Emit): Promise<CachedImage | null> {
    const resolved = await this.#options.configs.get(this.#memoKey(task));
    if (resolved === null) return null;
    refuseFaultyConfig(task.request, task.snapshot, resolved);
    const key = await keyOf(task, resolved, await this.toolchains.of(task.site));
    const found = await this.#options.cache.get(key);
    if (found) emit({ type: 'cached', target: task.request.target, key });
    return found;
  }

  /** olddefconfig's result depends on the tree, its version and the fragment, not on the machine. */
  #memoKey({ id, site }: Task): string {
    return id.slice(site.machine.id.length);
  }

  /** Runs `work` in its own folder with the checked configuration; the folder is removed afterwards. */
  async #configured<T>(
    task: Task,
    { signal, onLine, onPhase }: Telling,
    work: (make: FirmwareMake, resolved: KconfigValues) => Promise<T>,
  ): Promise<T> {
    const { request, site, snapshot, fragment } = task;
    const { target, recipe } = request;
    const { machine } = site;
    const { version, dirty } = snapshot;
    await this.sweep(site, signal);
    if (!request.whilePrinting && (await machine.isPrinting(signal))) {
      throw new CanopusError('build/printing', `${machine.shell.label} is printing`, {
        machine: machine.shell.label,
      });
    }
    const tree = await site.sources.checkOut(snapshot, signal);
    return site.slots.run(signal, async () => {
      await using folder = await makeBuildFolder(machine, signal);
      const make: FirmwareMake = {
        machine,
        target,
        tree,
        version,
        dirty,
        folder: folder.path,
        signal,
        onLine,
      };
      onPhase('configure');
      const resolved = await configureFirmware(make, fragment, recipe);
      refuseFaultyConfig(request, snapshot, resolved);
      await this.#options.configs.put(this.#memoKey(task), resolved);
      // Awaited, so that the folder exists until the work is done.
      return await work(make, resolved);
    });
  }

  async #make(task: Task, signal: AbortSignal, emit: Emit): Promise<CachedImage> {
    const { request, site, snapshot } = task;
    const { target, recipe } = request;
    const { machine } = site;
    const started = performance.now();
    const onPhase = (phase: BuildPhase) => emit({ type: 'phase', target, phase });
    const toolchain = await this.toolchains.of(site, signal, 'building');
    requireToolchain(toolchain, machine.shell.label);
    const log = new BuildLog();
    const onLine = (text: string, level: LogLevel) => {
      log.add(text);
      emit({ type: 'log', target, level, text });
    };
    return this.#configured(task, { signal, onLine, onPhase }, async (make, resolved) => {
      onPhase('compile');
      const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
      const image = await compileFirmware(make, { jobs: toolchain.cores, timeoutMs });
      onPhase('inspect');
      const info = await inspectImage(image);
      checkBuiltImage(info, { target, recipe, resolved, version: snapshot.dirty ? null : snapshot.version });
      onPhase('store');
      const { location, ref, commit, treeId, version, dirty } = snapshot;
      const record = await this.#options.cache.put(
        {
          format: 1,
          key: await keyOf(task, resolved, toolchain),
          origin: 'built',
          info: storedInfoOf(info),
          presetId: request.presetId,
          build: {
            target,
            recipe: { ...recipe, canPins: [...recipe.canPins] },
            source: { location, ref, commit, treeId, version, dirty },
            toolchain: { identity: toolchain.identity, tools: [...toolchain.tools] },
            config: sha256Of(new Uint8Array()),
            log: sha256Of(new Uint8Array()),
            machine: machine.shell.label,
            host: hostname(),
            station: canopusVersion,
            durationMs: Math.round(performance.now() - started),
            order: { source: formatFirmwareSource(request.source), on: request.on },
          },
          importedFrom: null,
          createdAt: new Date().toISOString(),
        },
        { image, config: Buffer.from(formatKconfig(resolved)), log: log.bytes() },
        signal,
      );
      return { record, bytes: image };
    });
  }

  /** Clears away, once per machine, what builds of dead stations have left there. */
  async sweep(site: BuildSite, signal: AbortSignal): Promise<void> {
    const { machine } = site;
    const sweep =
      this.#swept.get(machine.root) ??
      machine.exclusive('builds', signal, () => sweepBuildFolders(machine, signal));
    this.#swept.set(machine.root, sweep);
    try {
      await sweep;
    } catch (error) {
      this.#swept.delete(machine.root);
      throw error;
    }
  }
}

function keyOf(task: Task, resolved: KconfigValues, toolchain: Toolchain): Promise<string> {
  const { treeId, version } = task.snapshot;
  const config = formatKconfig(resolved);
  return cacheKey({ target: task.request.target, treeId, version, config, toolchain: toolchain.identity });
}
