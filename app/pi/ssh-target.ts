import { CanopusError } from '../errors.ts';

/** The user and host of a login, as a person writes them. Null values come from ~/.ssh/config or a default. */
export interface SshTarget {
  readonly user: string | null;
  /** A host name, an address, or an alias in ~/.ssh/config. */
  readonly host: string;
  readonly port: number | null;
}

/**
 * Parses `[USER@]HOST[:PORT]` or `ssh://[USER@]HOST[:PORT]`; an IPv6 address with a port is in brackets. Throws
 * `usage/invalid`.
 */
export function parseSshTarget(text: string): SshTarget {
  const [, authority] = /^ssh:\/\/([^/?#]*)\/?$/i.exec(text) ?? [];
  return authority === undefined ? parsePlain(text) : parsePlain(withoutEscapes(authority));
}

/** The user of a URL may be escaped, and may have a password behind it, which does not belong on a command line. */
function withoutEscapes(authority: string): string {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  if (user.includes(':')) {
    const message = 'A password does not belong in the address. Leave it out: you will be asked for it.';
    throw new CanopusError('usage/invalid', message, { target: authority.slice(at + 1) });
  }
  try {
    return decodeURIComponent(user) + authority.slice(Math.max(at, 0));
  } catch {
    return authority;
  }
}

function parsePlain(text: string): SshTarget {
  const invalid = (why: string): CanopusError =>
    new CanopusError('usage/invalid', `"${text}" is not USER@HOST[:PORT]: ${why}`, { target: text });
  const [, webHost] = /^[a-z]+:\/\/([^/:@]+)/i.exec(text) ?? [];
  if (webHost !== undefined) {
    const message = `"${text}" is the address of a web page, not USER@HOST[:PORT].`;
    throw new CanopusError('usage/invalid', message, { target: text, webHost });
  }
  // A user name may hold an @, a host may not.
  const at = text.lastIndexOf('@');
  const user = at < 0 ? null : text.slice(0, at);
  const rest = text.slice(at + 1);
  if (user === '') throw invalid('the user is empty');
  const bracketed = /^\[([^\]]+)\](?::(.*))?$/.exec(rest);
  const plain = /^([^:]*)(?::([^:]*))?$/.exec(rest);
  // More than one colon without brackets: an IPv6 address without a port.
  const [host, portText] = bracketed
    ? [bracketed[1], bracketed[2]]
    : plain
      ? [plain[1], plain[2]]
      : [rest, undefined];
  if (host === undefined || host === '') throw invalid('the host is empty');
  // ssh would take a leading dash for an option, and so might later users of this name.
  if (host.startsWith('-') || /[\s\0-\x1f'"\\]/.test(host))
    throw invalid('the host has a forbidden character');
  if (portText === undefined) return { user, host, port: null };
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535) throw invalid('a port is a number from 1 to 65535');
  return { user, host, port };
}

/** The target as `USER@HOST[:PORT]`, for messages; port 22 is left out. */
export function describeSshTarget(target: { user: string; host: string; port: number }): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${target.user}@${host}${target.port === 22 ? '' : `:${target.port}`}`;
}
