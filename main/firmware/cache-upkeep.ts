import { throwIfCancelled } from '../../app/cancelled.ts';
import { rm } from 'node:fs/promises';
import type { ListedImage } from '../../app/build/image-record.ts';
import { isCanopusError } from '../../app/errors.ts';
import { objectsOf } from './image-cache.ts';
import type { ImageCache } from './image-cache.ts';

export interface VerifyReport {
  readonly images: number;
  /** Keys of damaged images; they were removed and are rebuilt when needed. */
  readonly damaged: readonly string[];
  /** Objects that no record needed any more. */
  readonly removedObjects: number;
}

/** Reads and hashes everything in the cache; removes damaged and unneeded objects. */
export async function verifyCache(cache: ImageCache, signal?: AbortSignal): Promise<VerifyReport> {
  return cache.change(signal, async () => {
    const keys = await cache.keys();
    const damaged: string[] = [];
    for (const key of keys) {
      throwIfCancelled(signal);
      if (!(await isWhole(cache, key))) {
        damaged.push(key);
        await rm(cache.recordPath(key), { force: true });
      }
    }
    const { removedObjects } = await cache.sweep();
    return { images: keys.length - damaged.length, damaged, removedObjects };
  });
}

async function isWhole(cache: ImageCache, key: string): Promise<boolean> {
  const record = await cache.readRecord(key);
  if (record === null) return false;
  for (const object of objectsOf(record)) {
    try {
      if ((await cache.objects.read(object)) === null) return false;
    } catch (error) {
      if (isCanopusError(error, 'cache/corrupt')) return false;
      throw error;
    }
  }
  return true;
}

/** An image that was returned is kept this long, so that the caller can write it to a board. */
const inUseMs = 3_600_000;

/** The size limit of a cache, beyond which images unused the longest are removed. */
export class CacheCap {
  readonly maxBytes: number;
  readonly #cache: ImageCache;
  #putsSeen = 0;

  constructor(cache: ImageCache, maxBytes: number) {
    this.#cache = cache;
    this.maxBytes = maxBytes;
  }

  /** Removes images beyond the limit, if any were stored since the last check. */
  async keep(): Promise<PruneReport | null> {
    if (this.#cache.puts === this.#putsSeen) return null;
    this.#putsSeen = this.#cache.puts;
    return this.prune();
  }

  /** Removes images beyond the limit. */
  prune(signal?: AbortSignal): Promise<PruneReport> {
    return pruneCache(this.#cache, { maxBytes: this.maxBytes, unusedForMs: inUseMs }, signal);
  }
}

interface PruneOptions {
  /** The size limit of all objects together. */
  readonly maxBytes: number;
  /** Images used more recently than this stay: a job may be about to write them. */
  readonly unusedForMs?: number;
}

export interface PruneReport {
  readonly removed: readonly ListedImage[];
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/**
 * Removes images until the rest fits, starting with those unused the longest; never a pinned or held one, so the rest
 * may exceed the limit.
 */
export async function pruneCache(
  cache: ImageCache,
  options: PruneOptions,
  signal?: AbortSignal,
): Promise<PruneReport> {
  return cache.change(signal, async () => {
    await cache.sweep();
    const images = await cache.list();
    const usedBefore = new Date(Date.now() - (options.unusedForMs ?? 0)).toISOString();
    const uses = new Map<string, number>();
    for (const { record } of images) {
      for (const object of objectsOf(record)) uses.set(object, (uses.get(object) ?? 0) + 1);
    }
    const sizes = new Map<string, number>();
    for (const object of uses.keys()) sizes.set(object, (await cache.objects.size(object)) ?? 0);
    const bytesBefore = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    let bytesAfter = bytesBefore;
    const removed: ListedImage[] = [];
    for (const image of images.toReversed()) {
      if (bytesAfter <= options.maxBytes) break;
      if (image.pinned || image.held || image.lastUsedAt > usedBefore) continue;
      await rm(cache.recordPath(image.record.key), { force: true });
      removed.push(image);
      for (const object of objectsOf(image.record)) {
        const left = (uses.get(object) ?? 1) - 1;
        uses.set(object, left);
        if (left === 0) bytesAfter -= sizes.get(object) ?? 0;
      }
    }
    await cache.sweep();
    return { removed, bytesBefore, bytesAfter };
  });
}
