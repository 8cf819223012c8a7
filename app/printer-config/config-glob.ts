import { matchesWildcard } from '../wildcard.ts';

/** Joins as `os.path.join` does and takes `.`, `..` and doubled slashes out, without asking any file system. */
export function joinPath(folder: string, path: string): string {
  const whole = path.startsWith('/') ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** True where Python's `glob` would look for names and not take the path as it is. */
export function hasMagic(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** Python's `glob` without recursion: each part matches one name, and a name with a leading dot only a dot. */
export function matchesGlob(path: string, pattern: string): boolean {
  const names = path.split('/');
  const parts = pattern.split('/');
  return (
    names.length === parts.length &&
    parts.every((part, index) => {
      const name = names[index] ?? '';
      if (!hasMagic(part)) return part === name;
      if (name.startsWith('.') && !part.startsWith('.')) return false;
      return matchesWildcard(name, part, { sets: true });
    })
  );
}
