import { join } from 'node:path';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { inspectImageOutside } from './check-outside.ts';
import { storedInfoOf } from '../../app/build/image-record.ts';
import { requireToolchain } from '../../app/build/toolchain.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import type { ImageInfo } from '../../app/image/image-info.ts';
import { imageContent } from '../../app/image/image-content.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';
import { BuildMachines, type MachineName } from './build-machines.ts';
import { CacheCap, verifyCache } from './cache-upkeep.ts';
import type { VerifyReport } from './cache-upkeep.ts';
import type { BuildOptions, BuildRequest } from './build-request.ts';
import { KeptConfigs } from './kept-configs.ts';
import { FirmwareBuilder } from './firmware-builder.ts';
import { ImageCache } from './image-cache.ts';
import type { CachedImage, HeldImages } from './image-cache.ts';
import { LockFolder } from '../files/lock-folder.ts';
import { sha256Of } from '../files/hashed-json.ts';
import { pruneTreesScript } from './source-scripts.ts';

export interface FirmwareServiceOptions {
  /** The cache folder of this station on this computer; shared by all stations of this user. */
  readonly cacheFolder: string;
  readonly localEnvironment?: Readonly<Record<string, string>>;
  /** Opens a shell on `USER@HOST[:PORT]`; it asks the user for anything it needs. */
  readonly openPi: (host: string, signal: AbortSignal | undefined) => Promise<Shell>;
  /** Images that a history holds: they are never removed, whatever their size. */
  readonly heldImages?: HeldImages;
  /** Size limit for images on disk, beyond which those unused the longest are removed. */
  readonly maxCacheBytes?: number;
}

/** Room for some 5,000 images with their logs. */
const defaultMaxCacheBytes = 512 << 20;
/** Klipper with its libraries takes 200 MB, checked out. */
export const defaultKeptTrees = 3;

/** Images: built here, built elsewhere, imported by the user; all of them in one cache. */
export class FirmwareService implements AsyncDisposable {
  readonly cache: ImageCache;
  readonly machines: BuildMachines;
  readonly builder: FirmwareBuilder;
  readonly configs: KeptConfigs;
  readonly cap: CacheCap;
  readonly #closing = new AbortController();
  #tidying: Promise<void> = Promise.resolve();

  constructor(options: FirmwareServiceOptions) {
    const { cacheFolder } = options;
    const locks = new LockFolder(join(cacheFolder, 'locks'));
    this.cache = new ImageCache(join(cacheFolder, 'images-1'), locks, options.heldImages);
    this.cap = new CacheCap(this.cache, options.maxCacheBytes ?? defaultMaxCacheBytes);
    this.configs = new KeptConfigs(join(cacheFolder, 'configs-1'));
    this.machines = new BuildMachines({ ...options, locks });
    this.builder = new FirmwareBuilder({
      cache: this.cache,
      configs: this.configs,
      machines: this.machines,
      locks,
    });
  }

  /** See `FirmwareBuilder.build`. */
  async build(request: BuildRequest, options: BuildOptions = {}): Promise<CachedImage> {
    const image = await this.builder.build(request, options);
    await this.cap.keep();
    return image;
  }

  /**
   * See `FirmwareBuilder.check`: checks all, so that a refusal comes before any compiling. Waits for all, then throws
   * the first refusal.
   */
  async checkAll(requests: readonly BuildRequest[], options: BuildOptions = {}): Promise<void> {
    const checks = requests.map((request) => this.builder.check(request, options));
    await Promise.allSettled(checks);
    await Promise.all(checks);
  }

  /**
   * Inspects an image that a user imports, plain or in a UF2 file, and stores it, marked as imported. The same bytes twice are one image. Throws
   * `image/not-an-image`, `image/truncated`.
   */
  async importImage(file: Uint8Array, name: string, signal?: AbortSignal): Promise<CachedImage> {
    const bytes = imageContent(file);
    return this.#keepImported(await inspectImage(bytes), bytes, name, signal);
  }

  /** `importImage` for a file of a user: what inspecting it costs is paid in a thread of its own. */
  async importUpload(file: Uint8Array, name: string, signal?: AbortSignal): Promise<CachedImage> {
    const bytes = imageContent(file);
    return this.#keepImported(await inspectImageOutside(bytes, signal), bytes, name, signal);
  }

  async #keepImported(
    info: ImageInfo,
    bytes: Uint8Array,
    name: string,
    signal?: AbortSignal,
  ): Promise<CachedImage> {
    if (info.truncation !== null) {
      throw new CanopusError('image/truncated', `${name} is cut short or damaged: ${info.truncation}`, {
        name,
      });
    }
    const key = sha256Of(Buffer.from(`imported ${info.sha256}`));
    const known = await this.cache.get(key);
    if (known) return known;
    const record: ImageRecord = {
      format: 1,
      key,
      origin: 'imported',
      info: storedInfoOf(info),
      presetId: null,
      build: null,
      importedFrom: name.slice(0, 400),
      createdAt: new Date().toISOString(),
    };
    const stored = await this.cache.put(record, { image: bytes, config: null, log: null }, signal);
    await this.cap.keep();
    return { record: stored, bytes };
  }

  /**
   * Why a machine cannot build, as a sentence; null if it can. A Pi that has built before is assumed able: checking
   * takes a connection, and may take a password.
   */
  async obstacleOn(machine: MachineName, signal?: AbortSignal): Promise<string | null> {
    if (machine.startsWith('pi:')) return null;
    try {
      const site = await this.machines.get(machine, signal);
      requireToolchain(await this.builder.toolchains.of(site, signal), site.machine.shell.label);
      return null;
    } catch (error) {
      return toCanopusError(error).message;
    }
  }

  verify(signal?: AbortSignal): Promise<VerifyReport> {
    return verifyCache(this.cache, signal);
  }

  /**
   * Clears away what killed stations left (half-written files, builds and their processes), and excess sources and
   * images. Runs until done or until the service is closed; a station that lives for minutes only (a command) need not
   * call it, since builds and writes clear away what is in their way.
   */
  tidy(onError: (error: unknown) => void): Promise<void> {
    const { signal } = this.#closing;
    this.#tidying = this.#tidy(signal).catch((error: unknown) => {
      if (!signal.aborted) onError(error);
    });
    return this.#tidying;
  }

  async #tidy(signal: AbortSignal): Promise<void> {
    await this.cache.sweepAfterCrash(signal);
    if (process.platform !== 'win32') await this.machines.local().sweep.once(signal);
    await this.pruneSources(defaultKeptTrees, signal);
    await this.cap.prune(signal);
  }

  /** Removes source trees of this computer that were not used lately, and old results about them. */
  async pruneSources(keptTrees: number, signal?: AbortSignal): Promise<void> {
    await this.configs.prune();
    if (process.platform === 'win32') return;
    const { machine } = this.machines.local();
    await runScript(machine.shell, pruneTreesScript, [`${machine.root}/sources`, String(keptTrees)], {
      signal,
      failure: { code: 'file/unwritable', doing: 'remove old source trees' },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#tidying;
    await this.machines[Symbol.asyncDispose]();
  }
}
