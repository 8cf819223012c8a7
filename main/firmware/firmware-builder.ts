import type { BuildEvent } from '../../app/build/build-event.ts';
import type { LogLevel } from '../../app/build/compiler-line.ts';
import { requireToolchain } from '../../app/build/toolchain.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { ErrorCode } from '../../app/errors.ts';
import { makeBuildFolder } from './build-folders.ts';
import type { BuildOptions, BuildRequest } from './build-request.ts';
import { prepareTask } from './build-task.ts';
import type { BuildServices, BuildTask } from './build-task.ts';
import { configureTask } from './configure-firmware.ts';
import { findOrMake } from './find-or-make.ts';
import type { CachedImage } from './image-cache.ts';
import { refuseFaultyConfig } from './known-fault.ts';
import { compileImage, type Compiled } from './make-image.ts';
import { findKnownImage, noteOfKnown } from './known-image.ts';
import { readyTree } from './ready-tree.ts';
import { SharedWork } from './shared-work.ts';
import { KnownToolchains } from './known-toolchains.ts';

/** Errors for which an image built on another computer is the best alternative. */
const cannotBuild = [
  'toolchain/missing',
  'toolchain/too-old',
  'build/no-builder',
  'source/unreachable',
] as const satisfies readonly ErrorCode[];

/** Builds images or takes them from the cache; the same image requested many times at once is built once. */
export class FirmwareBuilder {
  readonly toolchains = new KnownToolchains();
  readonly #services: BuildServices;
  readonly #flights = new SharedWork<CachedImage, BuildEvent>();

  constructor(services: Omit<BuildServices, 'toolchains'>) {
    this.#services = { ...services, toolchains: this.toolchains };
  }

  /**
   * The image, verified and inspected. Throws `recipe/*`, `source/*`, `toolchain/*`, `build/*`, `cancelled`, and what
   * connecting to the machine throws.
   */
  async build(request: BuildRequest, options: BuildOptions = {}): Promise<CachedImage> {
    const { machines, cache } = this.#services;
    const { target } = request;
    let task: BuildTask | null = null;
    try {
      const prepared = await prepareTask(request, this.#services, options);
      task = prepared;
      return await this.#flights.join(task.id, options, (signal, emit) =>
        findOrMake(prepared, this.#services, signal, emit),
      );
    } catch (error) {
      await machines.dropIfLost(request.on, error);
      if (!cannotBuild.some((code) => isCanopusError(error, code))) throw error;
      const known = await findKnownImage(cache, request, task?.snapshot ?? null);
      if (known === null) throw error;
      options.onEvent?.({ type: 'note', target, text: noteOfKnown(known, error) });
      options.onEvent?.({ type: 'cached', target, key: known.record.key });
      return known;
    }
  }

  /** Compiles an image although it may be stored, and does not store it. Throws what `build` throws. */
  async compile(request: BuildRequest, options: BuildOptions = {}): Promise<Compiled> {
    const { machines } = this.#services;
    const signal = options.signal ?? new AbortController().signal;
    try {
      const task = await prepareTask(request, this.#services, options);
      return await compileImage(task, this.#services, signal, (event) => options.onEvent?.(event));
    } catch (error) {
      await machines.dropIfLost(request.on, error);
      throw error;
    }
  }

  /**
   * Configures without compiling, so that a choice that one of two trees does not know is refused before the other one
   * is compiled. Throws what `build` throws up to there. If this machine has no tools it returns: an image from another
   * computer may exist, and `build` says what is missing.
   */
  async check(request: BuildRequest, options: BuildOptions = {}): Promise<void> {
    const { machines, configs, toolchains } = this.#services;
    const { target } = request;
    const signal = options.signal ?? new AbortController().signal;
    const onLine = (text: string, level: LogLevel) => options.onEvent?.({ type: 'log', target, level, text });
    try {
      const task = await prepareTask(request, this.#services, options);
      const { site, snapshot, resolved } = task;
      if (resolved !== null) {
        refuseFaultyConfig(request, snapshot, resolved);
        return;
      }
      const { machine } = site;
      const { version, dirty } = snapshot;
      requireToolchain(await toolchains.of(site, signal), machine.shell.label);
      const tree = await readyTree(task, signal);
      using _slot = await site.slots.take(signal);
      await using folder = await makeBuildFolder(machine, signal);
      options.onEvent?.({ type: 'phase', target, phase: 'configure' });
      const make = { machine, target, tree, version, dirty, folder: folder.path, signal, onLine };
      await configureTask(task, make, configs);
    } catch (error) {
      await machines.dropIfLost(request.on, error);
      if (!cannotBuild.some((code) => isCanopusError(error, code))) throw error;
    }
  }
}
