/** One setting of an ssh_config file, or the file that an `Include` stands for. */
export type SshConfigEntry =
  | { readonly keyword: string; readonly words: readonly string[]; readonly place: string }
  | { readonly included: readonly SshConfigEntry[] };

/**
 * Splits `Keyword value`, `Keyword=value`; words in double or single quotes are one, `#` before a word begins a comment
 * (ssh_config(5)). Backslashes are literal unless a quote follows: Windows paths have them. Null for an empty line or a
 * comment.
 */
export function splitConfigLine(line: string): { keyword: string; words: string[] } | null {
  const match = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*)$/.exec(line);
  if (!match?.[1] || match[2] === undefined) return null;
  const words = wordsOf(match[2]);
  return words.length === 0 ? null : { keyword: match[1].toLowerCase(), words };
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === '\\' && (next === '"' || next === "'")) {
      word = `${word ?? ''}${next}`;
      at += 1;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = `${word ?? ''}${character}`;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (character === '#' && word === null) break;
    else word = `${word ?? ''}${character}`;
  }
  if (word !== null) words.push(word);
  return words;
}
