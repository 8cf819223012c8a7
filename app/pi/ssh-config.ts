import { matchesWildcard } from '../wildcard.ts';

/** What ~/.ssh/config says about one host; null or empty where it says nothing. */
export interface SshHostSettings {
  readonly hostName: string | null;
  readonly user: string | null;
  readonly port: number | null;
  /** In the order to try; `~` and tokens as written. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Hosts to go through, first hop first, each as `[USER@]HOST[:PORT]`; null where nothing is said. */
  readonly proxyJump: readonly string[] | null;
  /** Files of `UserKnownHostsFile`, as written; null where nothing is said. */
  readonly knownHostsFiles: readonly string[] | null;
}

/** A pattern of ssh_config(5), section PATTERNS: `*` any characters, `?` one. Case does not matter for hosts. */
export function matchesHostPattern(host: string, pattern: string): boolean {
  return matchesWildcard(host, pattern, { ignoreCase: true });
}

/** True where one of the patterns fits and no `!pattern` does. */
export function matchesHostPatterns(host: string, patterns: readonly string[]): boolean {
  const negated = patterns.some((each) => each.startsWith('!') && matchesHostPattern(host, each.slice(1)));
  return !negated && patterns.some((each) => !each.startsWith('!') && matchesHostPattern(host, each));
}

/** `Keyword value`, `Keyword=value`, values in double quotes; null for an empty line or a comment. */
export function splitConfigLine(line: string): { keyword: string; words: string[] } | null {
  const match = /^\s*([A-Za-z]+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
  if (!match?.[1] || match[2] === undefined) return null;
  const words = [...match[2].matchAll(/"([^"]*)"|([^\s"]+)/g)].map((word) => word[1] ?? word[2] ?? '');
  return words.length === 0 ? null : { keyword: match[1].toLowerCase(), words };
}

/**
 * Reads what an ssh_config text says about `host` (ssh_config(5): the first value wins, lines before any `Host`
 * count for all hosts). `Include` lines must have been replaced by their files before. `Match` blocks count only as
 * `Match all`: their other conditions run commands or depend on what a connection turns out to be.
 */
export function readSshConfig(text: string, host: string): SshHostSettings {
  const first = new Map<string, string[]>();
  const identityFiles: string[] = [];
  let applies = true;
  for (const line of text.split(/\r?\n/)) {
    const entry = splitConfigLine(line);
    if (entry === null) continue;
    const { keyword, words } = entry;
    if (keyword === 'host') applies = matchesHostPatterns(host, words);
    else if (keyword === 'match') applies = words.length === 1 && words[0]?.toLowerCase() === 'all';
    else if (!applies) continue;
    else if (keyword === 'identityfile') identityFiles.push(...words);
    else if (!first.has(keyword)) first.set(keyword, words);
  }
  const one = (keyword: string): string | null => first.get(keyword)?.[0] ?? null;
  const port = Number(one('port') ?? Number.NaN);
  const jump = one('proxyjump');
  return {
    hostName: one('hostname')?.replaceAll('%h', host) ?? null,
    user: one('user'),
    port: Number.isInteger(port) && port > 0 && port < 65536 ? port : null,
    identityFiles,
    identitiesOnly: one('identitiesonly')?.toLowerCase() === 'yes',
    proxyJump: jump === null ? null : jump.toLowerCase() === 'none' ? [] : jump.split(','),
    knownHostsFiles: first.get('userknownhostsfile') ?? null,
  };
}
