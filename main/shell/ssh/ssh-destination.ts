import { readFile, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { CanopusError } from '../../../app/errors.ts';
import { readSshConfig, splitConfigLine } from '../../../app/pi/ssh-config.ts';
import { hasMagic, matchesGlob } from '../../../app/printer-config/config-glob.ts';
import type { SshTarget } from '../../../app/pi/ssh-target.ts';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import { systemErrorCode } from '../../files/file-errors.ts';
import type { SshAccess } from './ssh-access.ts';

/** A target with everything that ~/.ssh/config and the defaults add. */
export interface SshDestination {
  /** What known_hosts knows it by: the host name after ssh_config. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Absolute paths in the order to try; not all of them need to exist. */
  readonly keyFiles: readonly string[];
  /** The configuration wants the named keys only, not whatever the agent holds. */
  readonly identitiesOnly: boolean;
  readonly knownHostsFiles: readonly string[];
  /** Hosts to go through, first hop first. */
  readonly jumps: readonly SshDestination[];
}

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const maxDepth = 8;

/** Answers what OpenSSH would connect to for this target. Rejects with `ssh/config-unreadable`. */
export async function resolveDestination(target: SshTarget, access: SshAccess): Promise<SshDestination> {
  const text = access.sshConfigFile === null ? '' : await configText(access.sshConfigFile, access, 0);
  return resolve(target, text, access, 0);
}

function resolve(target: SshTarget, text: string, access: SshAccess, depth: number): SshDestination {
  if (depth > maxDepth) {
    const message = `ProxyJump leads through more than ${maxDepth} hosts, or in a circle, for ${target.host}`;
    throw new CanopusError('ssh/config-unreadable', message, { host: target.host });
  }
  const settings = readSshConfig(text, target.host);
  const host = settings.hostName ?? target.host;
  const user = target.user ?? settings.user ?? access.localUser;
  const port = target.port ?? settings.port ?? 22;
  const expand = (path: string) => expandPath(path, { host, user, port }, access);
  const named = settings.identityFiles.filter((each) => each.toLowerCase() !== 'none').map(expand);
  const fallback = defaultKeys.map((name) => join(access.homeDirectory, '.ssh', name));
  const jumps = (settings.proxyJump ?? []).map((hop) =>
    resolve(parseSshTarget(hop.replace(/^ssh:\/\//, '')), text, access, depth + 1),
  );
  return {
    host,
    port,
    user,
    keyFiles: [...access.keyFiles, ...(named.length > 0 ? named : fallback)],
    identitiesOnly: settings.identitiesOnly,
    knownHostsFiles: settings.knownHostsFiles?.map(expand) ?? access.knownHostsFiles,
    // A hop's own hops come before it; OpenSSH allows that for the first one only, here it holds for all.
    jumps: jumps.flatMap((hop) => [...hop.jumps, hop]),
  };
}

/** `~` and the tokens of ssh_config(5) that a file name of a person's own configuration may hold. */
function expandPath(
  path: string,
  target: { host: string; user: string; port: number },
  access: SshAccess,
): string {
  const tokens: Record<string, string> = {
    '%%': '%',
    '%d': access.homeDirectory,
    '%h': target.host,
    '%p': String(target.port),
    '%r': target.user,
    '%u': access.localUser,
  };
  const told = path.replace(/%[%dhpru]/g, (token) => tokens[token] ?? token);
  return told.startsWith('~/') ? join(access.homeDirectory, told.slice(2)) : told;
}

/** The file's text with its `Include` lines replaced by the files they name; a missing file is empty. */
async function configText(path: string, access: SshAccess, depth: number): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const reason = systemErrorCode(error) ?? 'unknown';
    if (reason === 'ENOENT' || reason === 'ENOTDIR') return '';
    const message = `cannot read ${path} (${reason})`;
    throw new CanopusError('ssh/config-unreadable', message, { path, reason }, { cause: error });
  }
  const lines = await Promise.all(
    text.split(/\r?\n/).map(async (line) => {
      const entry = splitConfigLine(line);
      if (entry?.keyword !== 'include') return line;
      if (depth >= maxDepth) return '';
      const files = (await Promise.all(entry.words.map((word) => filesOf(word, access)))).flat();
      return (await Promise.all(files.map((file) => configText(file, access, depth + 1)))).join('\n');
    }),
  );
  return lines.join('\n');
}

/** The files an `Include` word names; relative to ~/.ssh, wildcards in the last part only. */
async function filesOf(word: string, access: SshAccess): Promise<string[]> {
  const told = word.startsWith('~/') ? join(access.homeDirectory, word.slice(2)) : word;
  const path = isAbsolute(told) ? told : join(access.homeDirectory, '.ssh', told);
  const pattern = basename(path);
  if (!hasMagic(pattern)) return [path];
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => matchesGlob(name, pattern))
    .sort()
    .map((name) => join(dirname(path), name));
}
