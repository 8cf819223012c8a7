import { matchesWildcard } from '../wildcard.ts';

/** Joins as `os.path.join` does and resolves `.`, `..` and doubled slashes, without a file system. */
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

/** Resolves `.` and doubled slashes and keeps `..`, which leads elsewhere behind a link to a folder. */
export function plainPath(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
}

/** True if Python's `glob` would search names and not use the path literally. */
export function hasMagic(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/**
 * Python's `glob`: each part matches one name, and a name with a leading dot only a dot. With `deep` (its
 * `recursive=True`) a part `**` matches any number of folders, or none.
 */
export function matchesGlob(path: string, pattern: string, deep = false): boolean {
  return matchesParts(path.split('/'), pattern.split('/'), deep);
}

function matchesParts(names: readonly string[], parts: readonly string[], deep: boolean): boolean {
  const folders = deep ? parts.indexOf('**') : -1;
  if (folders < 0) {
    return (
      names.length === parts.length && parts.every((part, index) => matchesPart(names[index] ?? '', part))
    );
  }
  if (!parts.slice(0, folders).every((part, index) => matchesPart(names[index] ?? '', part))) return false;
  const rest = parts.slice(folders + 1);
  for (let at = folders; at < names.length; at += 1) {
    if (matchesParts(names.slice(at), rest, deep)) return true;
    if (names[at]?.startsWith('.') === true) return false;
  }
  return false;
}

function matchesPart(name: string, part: string): boolean {
  if (!hasMagic(part)) return part === name;
  if (name.startsWith('.') && !part.startsWith('.')) return false;
  return matchesWildcard(name, part, { sets: true });
}
