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
      return partExpression(part).test(name);
    })
  );
}

const expressions = new Map<string, RegExp>();

/** fnmatch: `*`, `?`, `[abc]`, `[!abc]`; a bracket that is never closed stands for itself. */
function partExpression(part: string): RegExp {
  const known = expressions.get(part);
  if (known) return known;
  let source = '';
  for (let at = 0; at < part.length; at += 1) {
    const character = part.charAt(at);
    const close = character === '[' ? part.indexOf(']', part.charAt(at + 1) === '!' ? at + 3 : at + 2) : -1;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (close > 0) {
      const inner = part.slice(at + 1, close).replace(/[\\\]^]/g, '\\$&');
      source += inner.startsWith('!') ? `[^${inner.slice(1)}]` : `[${inner}]`;
      at = close;
    } else source += character.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  const expression = compiled(`^${source}$`);
  if (expressions.size > 500) expressions.clear();
  expressions.set(part, expression);
  return expression;
}

/** A range that runs backwards (`[z-a]`) matches nothing. */
function compiled(source: string): RegExp {
  try {
    return new RegExp(source, 's');
  } catch {
    // A look-ahead that refuses even the empty text matches nothing.
    return /(?!)/;
  }
}
