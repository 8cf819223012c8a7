import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { matchesHostPatterns } from '../../../app/pi/ssh-config.ts';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | null;
  /** Patterns, or one hashed name `|1|salt|hash`. */
  readonly names: readonly string[];
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, ... */
  readonly keyType: string;
  /** The public key blob, base64. */
  readonly key: string;
  readonly file: string;
  readonly line: number;
}

/** Reads a known_hosts text; skips invalid lines, as OpenSSH does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const match = /^\s*(?:@(revoked|cert-authority)\s+)?([^\s#@]\S*)\s+(\S+)\s+([A-Za-z0-9+/]+=*)/.exec(line);
    if (!match?.[2] || !match[3] || !match[4]) return [];
    const marker = match[1] === 'revoked' || match[1] === 'cert-authority' ? match[1] : null;
    return [{ marker, names: match[2].split(','), keyType: match[3], key: match[4], file, line: index + 1 }];
  });
}

/** The name of a server in known_hosts: the plain host on port 22, `[host]:port` elsewhere. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

function matchesHash(name: string, hashed: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || !salt || !hash) return false;
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  const stored = Buffer.from(hash, 'base64');
  return stored.length === own.length && timingSafeEqual(stored, own);
}

/** The lines about a server of that name (`knownHostName`, or an alias). */
export function knownHostsOf(hosts: readonly KnownHost[], name: string): KnownHost[] {
  return hosts.filter(({ names }) =>
    names[0]?.startsWith('|') ? matchesHash(name, names[0]) : matchesHostPatterns(name, names),
  );
}

/** `SHA256:...` as OpenSSH prints it, of a public key blob. */
export function keyFingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The key's type in its blob (RFC 4253, section 6.6: a string first). */
export function keyTypeOf(key: Uint8Array): string {
  const blob = Buffer.from(key);
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return blob.subarray(4, 4 + length).toString('latin1');
}

type HostKeyVerdict =
  | { readonly verdict: 'known' }
  | { readonly verdict: 'unknown' }
  /** Other keys are on file for this server; none of them is this one. */
  | { readonly verdict: 'changed'; readonly known: readonly KnownHost[] }
  | { readonly verdict: 'revoked'; readonly known: readonly KnownHost[] };

/**
 * Judges a server's key. A server that is on file only with keys of other types is `changed`, too: an impostor could
 * choose the type.
 */
export function judgeHostKey(hosts: readonly KnownHost[], name: string, key: Uint8Array): HostKeyVerdict {
  const base64 = Buffer.from(key).toString('base64');
  const mine = knownHostsOf(hosts, name);
  const revoked = mine.filter((each) => each.marker === 'revoked' && each.key === base64);
  if (revoked.length > 0) return { verdict: 'revoked', known: revoked };
  const plain = mine.filter((each) => each.marker === null);
  if (plain.some((each) => each.key === base64)) return { verdict: 'known' };
  return plain.length === 0 ? { verdict: 'unknown' } : { verdict: 'changed', known: plain };
}

/** A line to add for a server whose key was accepted. */
export function knownHostLine(name: string, key: Uint8Array): string {
  return `${name} ${keyTypeOf(key)} ${Buffer.from(key).toString('base64')}\n`;
}
