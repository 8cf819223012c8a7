import type { ConfigFile } from './config-file.ts';
import { joinPath } from './config-glob.ts';

/** Why an include cannot be followed. `unread`: Klipper may read it, but its content is unknown here. */
export type NotFollowed = 'missing' | 'folder' | 'dangling' | 'unread';

/** Where included files are found. */
export interface ConfigSource {
  /** All available names, of files and of what only looks like one, as Klipper would open them. */
  readonly names: readonly string[];
  /** A path in the form of these names. */
  resolve(path: string): string;
  /** The same object for two names of one file. */
  open(name: string): ConfigFile | NotFollowed;
  /** Kalico's wildcards, where `**` is any number of folders; for Klipper it is `*`. */
  readonly deepWildcards: boolean;
}

/** Files in folders without links, where `..` is literal. */
export function filesAtHand(files: readonly ConfigFile[]): ConfigSource {
  const byPath = new Map(files.map((file) => [joinPath('/', file.path), file]));
  return {
    names: [...byPath.keys()],
    resolve: (path) => joinPath('/', path),
    open: (name) => byPath.get(name) ?? 'missing',
    deepWildcards: false,
  };
}
