/** The values of the tokens in ssh_config(5), TOKENS. */
interface SshTokens {
  readonly homeDirectory: string;
  readonly localUser: string;
  /** This computer's own name. */
  readonly localHost: string;
  readonly environment: (name: string) => string | undefined;
  /** After `HostName`. */
  readonly host: string;
  /** As a person gave it. */
  readonly originalHost: string;
  readonly hostKeyAlias: string | null;
  readonly port: number;
  readonly user: string;
  /** ProxyJump as written, empty for none. */
  readonly jump: string;
  /** SHA-1 in hex, for `%C`. */
  readonly sha1: (text: string) => string;
}

/** Expands tokens, `${VARIABLE}` and a leading `~`; an unknown token stays. */
export function expandSshTokens(text: string, of: SshTokens): string {
  const values: Readonly<Record<string, () => string>> = {
    '%%': () => '%',
    '%C': () => of.sha1(`${of.localHost}${of.host}${of.port}${of.user}${of.jump}`),
    '%d': () => of.homeDirectory,
    '%h': () => of.host,
    '%j': () => of.jump,
    '%k': () => of.hostKeyAlias ?? of.originalHost,
    '%L': () => of.localHost.split('.')[0] ?? '',
    '%l': () => of.localHost,
    '%n': () => of.originalHost,
    '%p': () => String(of.port),
    '%r': () => of.user,
    '%u': () => of.localUser,
  };
  const home = text === '~' || text.startsWith('~/') ? `%d${text.slice(1)}` : text;
  return home
    .replace(/%[%A-Za-z]/g, (token) => values[token]?.() ?? token)
    .replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => of.environment(name) ?? whole);
}
