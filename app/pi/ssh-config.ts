import { matchesWildcard } from '../wildcard.ts';
import type { SshConfigEntry } from './ssh-config-line.ts';

/** The settings of ssh_config for one host; null or empty if not set. Tokens and `~` as written. */
export interface SshHostSettings {
  readonly hostName: string | null;
  readonly user: string | null;
  readonly port: number | null;
  /** The name to look the host key up by. */
  readonly hostKeyAlias: string | null;
  /** In the order to try. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** A path, `SSH_AUTH_SOCK`, `$VARIABLE` or `none`. */
  readonly identityAgent: string | null;
  /** Hosts to go through, first hop first, each as `[USER@]HOST[:PORT]` or `ssh://...`; null if not set. */
  readonly proxyJump: readonly string[] | null;
  /** The place of a ProxyCommand that applies and that this station does not run; null if there is none. */
  readonly proxyCommandAt: string | null;
  /** Files of `UserKnownHostsFile`; null if not set. */
  readonly knownHostsFiles: readonly string[] | null;
  /** Settings that apply, or might, and are ignored: `Match exec (config:3)`. */
  readonly passedOver: readonly string[];
}

/** The login that an ssh_config is read for. */
interface SshConfigQuery {
  /** As a person gave it: a name, an address or an alias. */
  readonly host: string;
  /** As a person gave it; null if the configuration decides. */
  readonly user: string | null;
  readonly localUser: string;
}

/** True if one of the patterns matches and no `!pattern` does (ssh_config(5), PATTERNS). Case does not matter. */
export function matchesHostPatterns(host: string, patterns: readonly string[]): boolean {
  const fits = (pattern: string): boolean => matchesWildcard(host, pattern, { ignoreCase: true });
  if (patterns.some((each) => each.startsWith('!') && fits(each.slice(1)))) return false;
  return patterns.some((each) => !each.startsWith('!') && fits(each));
}

type Setting = Extract<SshConfigEntry, { keyword: string }>;

/** Settings that OpenSSH would use and that are not used here. */
const unsupported = new Set([
  'certificatefile',
  'pkcs11provider',
  'securitykeyprovider',
  'knownhostscommand',
]);

/**
 * Evaluates an ssh_config (ssh_config(5)): the first value wins, IdentityFile adds up, entries before any `Host` count
 * for all. An included file cannot affect what is outside its block. `Match` takes host, originalhost, user, localuser
 * and all; a block with any other condition is ignored: `exec` would run a command.
 */
export function readSshConfig(entries: readonly SshConfigEntry[], query: SshConfigQuery): SshHostSettings {
  const first = new Map<string, Setting>();
  const identityFiles: string[] = [];
  const passedOver: string[] = [];
  const one = (keyword: string): string | null => first.get(keyword)?.words[0] ?? null;
  const hostNow = (): string => hostNameOf(one('hostname'), query.host) ?? query.host;
  const userNow = (): string => query.user ?? one('user') ?? query.localUser;

  function matches(words: readonly string[], place: string): boolean {
    const conditions = conditionsOf(words);
    for (const { negated, name, value } of conditions) {
      const told = { host: hostNow(), originalhost: query.host, user: userNow(), localuser: query.localUser }[
        name
      ];
      if (name !== 'all' && told === undefined) {
        // Conditions are evaluated from left to right: the ones before this one hold.
        passedOver.push(`Match ${name} (${place})`);
        return false;
      }
      const holds = told === undefined || matchesHostPatterns(told, value.split(','));
      if (holds === negated) return false;
    }
    return conditions.length > 0;
  }

  function read(level: readonly SshConfigEntry[], reachable: boolean): void {
    let applies = reachable;
    for (const entry of level) {
      if ('included' in entry) {
        read(entry.included, applies);
        continue;
      }
      const { keyword, words, place } = entry;
      if (keyword === 'host') applies = reachable && matchesHostPatterns(query.host, words);
      else if (keyword === 'match') applies = reachable && matches(words, place);
      else if (!applies) continue;
      else if (keyword === 'identityfile') identityFiles.push(...words);
      else if (unsupported.has(keyword)) passedOver.push(`${keyword} (${place})`);
      else {
        // Whichever of the two comes first decides.
        const name = keyword === 'proxycommand' ? 'proxyjump' : keyword;
        if (!first.has(name)) first.set(name, entry);
      }
    }
  }
  read(entries, true);

  const port = Number(one('port') ?? Number.NaN);
  const proxy = first.get('proxyjump');
  const jump = proxy?.words[0]?.toLowerCase() === 'none' ? 'none' : (proxy?.words[0] ?? null);
  const isCommand = proxy?.keyword === 'proxycommand';
  return {
    hostName: hostNameOf(one('hostname'), query.host),
    user: one('user'),
    port: Number.isInteger(port) && port > 0 && port < 65536 ? port : null,
    hostKeyAlias: one('hostkeyalias'),
    identityFiles,
    identitiesOnly: /^(yes|true)$/i.test(one('identitiesonly') ?? ''),
    identityAgent: one('identityagent'),
    proxyJump: jump === null ? null : jump === 'none' || isCommand ? [] : jump.split(','),
    proxyCommandAt: isCommand && jump !== 'none' ? proxy.place : null,
    knownHostsFiles: first.get('userknownhostsfile')?.words ?? null,
    passedOver,
  };
}

function hostNameOf(written: string | null, host: string): string | null {
  return written?.replace(/%[%h]/g, (token) => (token === '%h' ? host : '%')) ?? null;
}

/** `host a,b user c`, also `host=a`; `!` before a name negates it. */
function conditionsOf(words: readonly string[]): { negated: boolean; name: string; value: string }[] {
  const parts = words.flatMap((word) => {
    const [, name, value] = /^([!A-Za-z]+)=(.*)$/.exec(word) ?? [];
    return name === undefined || value === undefined ? [word] : [name, value];
  });
  const conditions: { negated: boolean; name: string; value: string }[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const word = parts[at]?.toLowerCase() ?? '';
    const name = word.replace(/^!/, '');
    const takesValue = !['all', 'canonical', 'final'].includes(name);
    conditions.push({ negated: word !== name, name, value: takesValue ? (parts[at + 1] ?? '') : '' });
    if (takesValue) at += 1;
  }
  return conditions;
}
