import { decodeConfigText } from '../printer-config/config-text.ts';
import type { PiFacts, PiFile } from './facts.ts';

export function textOf(file: PiFile): string {
  return decodeConfigText(file.bytes).text;
}

/** The path below the system's root; `null` if the file does not exist or may not be read. */
export function systemFile(facts: PiFacts, path: string): PiFile | null {
  return facts.files.get(facts.root + path) ?? null;
}

/** The files that lie in a folder of the system, by name. */
export function filesIn(facts: PiFacts, folder: string): PiFile[] {
  const prefix = `${facts.root}${folder}/`;
  return [...facts.files.values()]
    .filter(({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A file name that no file has, of those proposed; null if all are taken. One that cannot be read has its name, too. */
export function freePath(facts: PiFacts, paths: readonly string[]): string | null {
  return (
    paths
      .map((path) => facts.root + path)
      .find((path) => !facts.files.has(path) && !facts.unread.has(path)) ?? null
  );
}
