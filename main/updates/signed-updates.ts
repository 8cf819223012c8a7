import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import * as z from 'zod/mini';
import { CanopusError } from '../../app/errors.ts';
import { judgeManifest, type NewerVersion, type SeenManifest } from '../../app/updates/judge-manifest.ts';
import { manifestSchema, maxManifestBytes, readManifest } from '../../app/updates/manifest.ts';
import type { JsonFormat, JsonStore } from '../files/json-store.ts';
import { verifyEd25519 } from './ed25519.ts';
import { bytesOf, openHttps, readHttps } from './https.ts';
import type { UpdateSource } from './update-source.ts';

/** The manifest's name on the server. */
export const manifestName = 'canopus-update.json';

interface SignedUpdatesOptions {
  readonly source: UpdateSource;
  readonly target: string;
  readonly current: string;
  /** For downloads; what is in it is removed. */
  readonly folder: string;
  readonly seen: JsonStore<SeenManifest | null>;
  /** Of the wall clock. */
  readonly now: () => number;
  readonly ca?: string | undefined;
}

export interface DownloadOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (percent: number) => void;
}

const seenSchema = z.nullable(z.pick(manifestSchema, { version: true, issuedAt: true }));

export const seenFormat: JsonFormat<SeenManifest | null> = {
  empty: null,
  read: (json) => seenSchema.parse(json),
  write: (value) => value,
};

/** Finds and downloads newer versions. What is not signed, not newest or not whole is not kept. */
export class SignedUpdates {
  readonly #options: SignedUpdatesOptions;

  constructor(options: SignedUpdatesOptions) {
    this.#options = options;
  }

  /** The newer version; null if there is none. Throws `update/…`. */
  async find(signal: AbortSignal): Promise<NewerVersion | null> {
    const { source, target, current, seen, now, ca } = this.#options;
    const file = await readHttps(new URL(manifestName, source.url), maxManifestBytes, { signal, ca });
    const manifest = readManifest(file, source.keys, verifyEd25519);
    const situation = { current, target, nowMs: now(), seen: seen.current };
    const newer = judgeManifest(manifest, situation);
    await seen.save({ version: manifest.version, issuedAt: manifest.issuedAt });
    return newer;
  }

  /** Downloads a version and returns its file, which is exactly what the manifest announced. Throws `update/…`. */
  async download({ file }: NewerVersion, { signal, onProgress }: DownloadOptions): Promise<string> {
    const { source, folder, ca } = this.#options;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const url = new URL(file.name, source.url);
    const part = join(folder, `${file.name}.part`);
    const out = createWriteStream(part, { mode: 0o600, flags: 'wx' });
    const hash = createHash('sha512');
    let size = 0;
    try {
      for await (const chunk of bytesOf(await openHttps(url, { signal, ca }), url)) {
        size += chunk.length;
        if (size > file.size) break;
        hash.update(chunk);
        if (!out.write(chunk)) await once(out, 'drain');
        onProgress(Math.floor((100 * size) / file.size));
      }
      out.end();
      await once(out, 'close');
      if (size !== file.size || hash.digest('hex') !== file.sha512) throw damaged(file.name);
      const whole = join(folder, file.name);
      await rename(part, whole);
      return whole;
    } catch (error) {
      out.destroy();
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Throws `update/damaged` if the file is no longer what was downloaded. Call it just before it is started. */
  async requireUnchanged(path: string, { file }: NewerVersion): Promise<void> {
    const hash = createHash('sha512');
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    if (hash.digest('hex') !== file.sha512) throw damaged(file.name);
  }
}

function damaged(name: string): CanopusError {
  return new CanopusError('update/damaged', `${name} is not as long as announced, or has another content.`);
}
