import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageRecord, ListedImage } from '../../app/build/image-record.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import { isSha256, parseUid } from '../../app/units.ts';
import { temporarySuffix } from '../files/atomic-file.ts';
import { toFileError } from '../files/file-errors.ts';
import type { LockFolder } from '../files/lock-folder.ts';
import { ObjectStore } from './object-store.ts';
import { readRecordFile, touchRecord, writeRecordFile } from './record-file.ts';
import { RecordList } from './record-list.ts';
import { makeFolder } from '../files/make-folder.ts';

/** An image with its bytes, just verified. */
export interface CachedImage {
  readonly record: ImageRecord;
  readonly bytes: Uint8Array;
}

/** What is stored with an image: its record names the hashes of these, which `put` fills in. */
export interface ImageParts {
  readonly image: Uint8Array;
  /** Null for imported images. */
  readonly config: Uint8Array | null;
  readonly log: Uint8Array | null;
}

/** SHA-256 of images that must stay for reasons outside the cache: a history that names them. Called each time. */
export type HeldImages = () => Promise<Iterable<string>>;

const lockTimeoutMs = 60_000;

/**
 * Built and imported images on this computer's disk, shared by all stations that run on it.
 *
 *     objects/ab/abcd…   bytes under their SHA-256: images, configurations, logs
 *     images/KEY         a record that names its objects; written last, so the objects exist
 *     pins/KEY           empty: never evicted
 *     boards/SHA256-UID  empty: this image was written to this board, so it is never evicted either
 *     writing/…          the current writer; one that is left over means that a process died while writing
 *
 * Every write or removal holds one lock; readers need none. Every file appears whole by rename. A kill at any moment
 * leaves at most temporary files and objects that no record names, which the next start sweeps away.
 */
export class ImageCache {
  readonly objects: ObjectStore;
  readonly #folder: string;
  readonly #locks: LockFolder;
  readonly #alsoHeld: HeldImages;
  readonly #list = new RecordList();
  #swept: Promise<void> | null = null;
  #puts = 0;

  /** Every user of a cache must lock in the same folder, so the caller has to name it. */
  constructor(folder: string, locks: LockFolder, alsoHeld: HeldImages = () => Promise.resolve([])) {
    this.#folder = folder;
    this.#locks = locks;
    this.#alsoHeld = alsoHeld;
    this.objects = new ObjectStore(join(folder, 'objects'));
  }

  /** The path of a key's record. Throws `cache/unknown-image` for an invalid key. */
  recordPath(key: string): string {
    if (!isSha256(key))
      throw new CanopusError('cache/unknown-image', `"${key}" is not an image key`, { key });
    return join(this.#folder, 'images', key);
  }

  /**
   * The image with this key, verified, and marked as used; null if there is none. A damaged one is removed and counts
   * as missing, so that the caller builds it again.
   */
  async get(key: string): Promise<CachedImage | null> {
    const path = this.recordPath(key);
    const read = await this.#readWhole(path, key);
    if (read === 'missing') return null;
    if (read !== 'damaged') {
      await touchRecord(path);
      return read;
    }
    return this.#changing(undefined, async () => {
      // Another process may have rebuilt it meanwhile.
      const again = await this.#readWhole(path, key);
      if (again !== 'damaged' && again !== 'missing') return again;
      await rm(path, { force: true });
      return null;
    });
  }

  /** The record alone; null if there is none, or a damaged one. */
  async readRecord(key: string): Promise<ImageRecord | null> {
    const read = await readRecordFile(this.recordPath(key), key);
    return read !== null && 'record' in read ? read.record : null;
  }

  async #readWhole(path: string, key: string): Promise<CachedImage | 'missing' | 'damaged'> {
    const read = await readRecordFile(path, key);
    if (read === null) return 'missing';
    if (!('record' in read)) return 'damaged';
    try {
      const bytes = await this.objects.read(read.record.info.sha256);
      return bytes === null ? 'damaged' : { record: read.record, bytes };
    } catch (error) {
      if (isCanopusError(error, 'cache/corrupt')) return 'damaged';
      throw error;
    }
  }

  /** As `get`, but throws `cache/unknown-image`. */
  async require(key: string): Promise<CachedImage> {
    const image = await this.get(key);
    if (image) return image;
    throw new CanopusError('cache/unknown-image', `no image ${key.slice(0, 12)} is stored`, { key });
  }

  /** How many images were stored through this object. */
  get puts(): number {
    return this.#puts;
  }

  /** Stores an image; fills the record's hashes of configuration and log from the parts. */
  async put(record: ImageRecord, parts: ImageParts, signal?: AbortSignal): Promise<ImageRecord> {
    return this.change(signal, async () => {
      await this.objects.write(parts.image);
      const config = parts.config && (await this.objects.write(parts.config));
      const log = parts.log && (await this.objects.write(parts.log));
      const build = record.build && config && log ? { ...record.build, config, log } : record.build;
      const whole = { ...record, build };
      await writeRecordFile(this.recordPath(record.key), whole);
      this.#puts += 1;
      return whole;
    });
  }

  /** The keys of all records. */
  async keys(): Promise<string[]> {
    const names = await readdir(join(this.#folder, 'images')).catch(() => []);
    return names.filter(isSha256);
  }

  /** Every image with an undamaged record, last used first. Image bytes are not read. */
  async list(): Promise<ListedImage[]> {
    const [pins, held] = await Promise.all([this.pins(), this.held()]);
    const listed: ListedImage[] = [];
    for (const [index, key] of (await this.keys()).entries()) {
      // A thousand small files are read four times as fast without a thousand promises; the event loop still gets its
      // turns.
      if (index % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
      const known = this.#list.read(this.recordPath(key), key);
      if (!known) continue;
      const { record, lastUsedAt } = known;
      listed.push({ record, pinned: pins.has(key), held: held.has(record.info.sha256), lastUsedAt });
    }
    return listed.sort((a, b) => (a.lastUsedAt < b.lastUsedAt ? 1 : a.lastUsedAt > b.lastUsedAt ? -1 : 0));
  }

  async pins(): Promise<ReadonlySet<string>> {
    return new Set(await readdir(join(this.#folder, 'pins')).catch(() => []));
  }

  /** Throws `cache/unknown-image`. */
  async pin(key: string): Promise<void> {
    await this.require(key);
    await this.change(undefined, () => writeFile(join(this.#folder, 'pins', key), ''));
  }

  async unpin(key: string): Promise<void> {
    this.recordPath(key);
    await this.change(undefined, () => rm(join(this.#folder, 'pins', key), { force: true }));
  }

  /** Records that an image was written to a board, for good: it stays as long as the board's history. */
  async noteOnBoard(sha256: string, uid: string): Promise<void> {
    if (!isSha256(sha256) || parseUid(uid) === null) {
      throw new CanopusError('uid/invalid', `"${uid}" is not a UID, or "${sha256}" is not a hash`, {
        uid,
        sha256,
      });
    }
    const name = `${sha256}-${uid.toUpperCase()}`;
    await this.change(undefined, () => writeFile(join(this.#folder, 'boards', name), ''));
  }

  /** SHA-256 of the images that were ever written to a board, and of those that a history holds. */
  async held(): Promise<ReadonlySet<string>> {
    const [names, also] = await Promise.all([
      readdir(join(this.#folder, 'boards')).catch(() => []),
      this.#alsoHeld(),
    ]);
    return new Set([...names.map((name) => name.slice(0, 64)), ...also]);
  }

  /** Forgets an image; the next sweep removes its objects. */
  async forget(key: string): Promise<void> {
    const path = this.recordPath(key);
    await this.change(undefined, () => rm(path, { force: true }));
  }

  /**
   * Runs `work` exclusively among all writers to the cache, in this process and others, with the folders made and the
   * leftovers of dead writers swept.
   */
  async change<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.sweepAfterCrash(signal);
    return this.#changing(signal, work);
  }

  async #changing<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return this.#locks.hold('cache', { signal, timeoutMs: lockTimeoutMs }, async () => {
      const mark = join(this.#folder, 'writing', randomBytes(8).toString('hex'));
      try {
        for (const name of ['images', 'objects', 'pins', 'boards', 'writing']) {
          await makeFolder(join(this.#folder, name));
        }
        await writeFile(mark, '');
      } catch (error) {
        throw toFileError(error, mark, 'write');
      }
      try {
        return await work();
      } finally {
        await rm(mark, { force: true });
      }
    });
  }

  /** Sweeps, once per process, if a writer died. Otherwise costs a look into two folders. */
  sweepAfterCrash(signal?: AbortSignal): Promise<void> {
    this.#swept ??= this.#sweepMarked(signal).catch((error: unknown) => {
      this.#swept = null;
      throw error;
    });
    return this.#swept;
  }

  async #sweepMarked(signal: AbortSignal | undefined): Promise<void> {
    const marks = () => readdir(join(this.#folder, 'writing')).catch(() => []);
    await this.#locks.tidy();
    if ((await marks()).length === 0) return;
    await this.#locks.hold('cache', { signal, timeoutMs: lockTimeoutMs }, async () => {
      // The lock holder is the only writer: every mark present now is from a dead one.
      const left = await marks();
      if (left.length === 0) return;
      await this.sweep();
      for (const mark of left) await rm(join(this.#folder, 'writing', mark), { force: true });
    });
  }

  /** Removes temporary files and objects that no record names. The caller holds the cache's lock (`change`). */
  async sweep(): Promise<{ removedObjects: number }> {
    const named = new Set<string>();
    for (const key of await this.keys()) {
      const record = await this.readRecord(key);
      if (record !== null) for (const object of objectsOf(record)) named.add(object);
    }
    const images = join(this.#folder, 'images');
    const { objects, others } = await this.objects.list();
    const temporary = (await readdir(images).catch(() => [])).filter((name) =>
      name.endsWith(temporarySuffix),
    );
    for (const path of [...others, ...temporary.map((name) => join(images, name))])
      await rm(path, { force: true });
    const unnamed = objects.filter((object) => !named.has(object));
    for (const object of unnamed) await this.objects.remove(object);
    return { removedObjects: unnamed.length };
  }
}

/** The hashes of everything that a record needs. */
export function objectsOf(record: ImageRecord): string[] {
  const { info, build } = record;
  return build === null ? [info.sha256] : [info.sha256, build.config, build.log];
}
