import { join } from 'node:path';
import type { ImageRecord } from '../../app/build/image-record.ts';
import { storedInfoOf } from '../../app/build/image-record.ts';
import { CanopusError } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { Shell } from '../../app/transport/shell.ts';
import { runScript } from './build-machine.ts';
import { BuildMachines } from './build-machines.ts';
import type { BuildOptions, BuildRequest } from './build-request.ts';
import { ConfigMemo } from './config-memo.ts';
import { FirmwareBuilder } from './firmware-builder.ts';
import { ImageCache } from './image-cache.ts';
import type { CachedImage } from './image-cache.ts';
import { LockFolder } from './lock-folder.ts';
import { sha256Of } from './object-store.ts';
import { pruneTreesScript } from './source-scripts.ts';

export interface FirmwareServiceOptions {
  /** The cache folder of this station on this computer; shared by all stations of this user. */
  readonly cacheFolder: string;
  readonly localEnvironment?: Readonly<Record<string, string>>;
  /** Opens a shell on `USER@HOST[:PORT]`, asking the user whatever has to be asked. */
  readonly openPi: (host: string, signal: AbortSignal | undefined) => Promise<Shell>;
}

/** Images: built here, built elsewhere, brought by the user; all of them in one cache. */
export class FirmwareService implements AsyncDisposable {
  readonly cache: ImageCache;
  readonly machines: BuildMachines;
  readonly builder: FirmwareBuilder;
  readonly configs: ConfigMemo;

  constructor(options: FirmwareServiceOptions) {
    const { cacheFolder } = options;
    const locks = new LockFolder(join(cacheFolder, 'locks'));
    this.cache = new ImageCache(join(cacheFolder, 'images-1'), locks);
    this.configs = new ConfigMemo(join(cacheFolder, 'configs-1'));
    this.machines = new BuildMachines({ ...options, locks });
    this.builder = new FirmwareBuilder({
      cache: this.cache,
      configs: this.configs,
      machines: this.machines,
      locks,
    });
  }

  /** See `FirmwareBuilder.build`. */
  build(request: BuildRequest, options: BuildOptions = {}): Promise<CachedImage> {
    return this.builder.build(request, options);
  }

  /**
   * Inspects an image that a user brings and stores it, marked as imported. The same bytes twice are one image.
   * Throws `image/not-an-image`, `image/truncated`.
   */
  async importImage(bytes: Uint8Array, name: string, signal?: AbortSignal): Promise<CachedImage> {
    const info = await inspectImage(bytes);
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
    return { record: await this.cache.put(record, { image: bytes, config: null, log: null }, signal), bytes };
  }

  /** Removes source trees of this computer that were not used lately, and what was learned of them long ago. */
  async pruneSources(keptTrees: number, signal?: AbortSignal): Promise<void> {
    await this.configs.prune();
    if (process.platform === 'win32') return;
    const { machine } = this.machines.local();
    await runScript(machine.shell, pruneTreesScript, [`${machine.root}/sources`, String(keptTrees)], {
      signal,
      failure: { code: 'file/unwritable', doing: 'remove old source trees' },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.machines[Symbol.asyncDispose]();
  }
}
