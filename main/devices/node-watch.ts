import { existsSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';

/** Decides whether a name that appeared, vanished (`isNew`) or changed in a folder could matter. */
type NodeFilter = (folder: string, name: string, isNew: boolean) => boolean;

const fallbackIntervalMs = 500;

/** inotify on a growing set of folders. If the system has no watches left, asks for a look twice a second. */
export class NodeWatch {
  readonly #hint: () => void;
  readonly #filter: NodeFilter;
  readonly #folders = new Map<string, FSWatcher>();
  #fallback: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(hint: () => void, filter: NodeFilter) {
    this.#hint = hint;
    this.#filter = filter;
  }

  /** Also watches these folders, if they exist; call it again after one of them was deleted. */
  cover(...folders: readonly string[]): void {
    for (const folder of folders) {
      if (!this.#closed && !this.#folders.has(folder)) this.#add(folder);
    }
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
    if (this.#fallback) clearInterval(this.#fallback);
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, (type, name) => {
        // The folder itself was deleted: its watch is dead, and a new folder of that name needs a new one.
        if (name === path.basename(folder) && !existsSync(folder)) forget();
        if (name !== null && this.#filter(folder, name, type === 'rename')) this.#hint();
      });
      const forget = (): void => {
        watcher.close();
        this.#folders.delete(folder);
        this.#hint();
      };
      watcher.on('error', forget);
      this.#folders.set(folder, watcher);
      // One more look catches what happened before the watch was set.
      this.#hint();
    } catch (error) {
      if (isAbsent(error)) return;
      this.#fallback ??= setInterval(this.#hint, fallbackIntervalMs);
    }
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
