export interface TreeFile {
  readonly bytes: Uint8Array;
  /** Octal permission bits as a number. */
  readonly mode: number;
  readonly owner: string;
}

/** The files of a virtual Pi, by absolute path. A folder exists while it holds something, or once it was made. */
export class PiTree {
  readonly #files = new Map<string, TreeFile>();
  readonly #folders = new Set<string>();

  get(path: string): TreeFile | null {
    return this.#files.get(path) ?? null;
  }

  text(path: string): string | null {
    const file = this.get(path);
    return file === null ? null : new TextDecoder().decode(file.bytes);
  }

  /** An existing file keeps its mode and owner. */
  write(path: string, content: Uint8Array | string, fresh: { mode?: number; owner?: string } = {}): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    const before = this.get(path);
    const owner = before?.owner ?? fresh.owner ?? (path.startsWith('/home/pi/') ? 'pi' : 'root');
    this.#files.set(path, { bytes, mode: before?.mode ?? fresh.mode ?? 0o644, owner });
    this.makeFolder(folderOf(path));
  }

  /** False if there was none. */
  remove(path: string): boolean {
    return this.#files.delete(path);
  }

  makeFolder(path: string): void {
    for (let folder = path; folder !== ''; folder = folderOf(folder)) this.#folders.add(folder);
  }

  /** Removes a folder if it is empty. */
  removeEmptyFolder(path: string): void {
    const within = (each: string): boolean => each.startsWith(`${path}/`);
    if (![...this.#files.keys(), ...this.#folders].some(within)) this.#folders.delete(path);
  }

  hasFolder(path: string): boolean {
    return this.#folders.has(path);
  }

  /** Names in a folder that a shell's `*` would match, sorted. */
  list(folder: string): string[] {
    const prefix = `${folder}/`;
    return [...this.#files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
      .filter((name) => !name.includes('/') && !name.startsWith('.'))
      .sort();
  }

  /** Every file, including hidden ones. */
  get paths(): readonly string[] {
    return [...this.#files.keys()].sort();
  }
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
