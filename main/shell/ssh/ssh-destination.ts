import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CanopusError } from '../../../app/errors.ts';
import type { SshConfigEntry } from '../../../app/pi/ssh-config-line.ts';
import { readSshConfig } from '../../../app/pi/ssh-config.ts';
import type { SshTarget } from '../../../app/pi/ssh-target.ts';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import { expandSshTokens } from '../../../app/pi/ssh-tokens.ts';
import { knownHostName } from './known-hosts.ts';
import type { SshAccess } from './ssh-access.ts';
import { readSshConfigFile } from './ssh-config-file.ts';

/** A target with everything that ~/.ssh/config and the defaults add. */
export interface SshDestination {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Its name in known_hosts. */
  readonly hostKeyName: string;
  /** Absolute paths in the order to try; not all of them need to exist. */
  readonly keyFiles: readonly string[];
  /** The agent's socket or pipe; null for none. */
  readonly agent: string | null;
  /** The configuration wants only the named keys, not the agent's others. */
  readonly identitiesOnly: boolean;
  readonly knownHostsFiles: readonly string[];
  /** Hosts to go through, first hop first. */
  readonly jumps: readonly SshDestination[];
  /** Lines of ssh_config that OpenSSH would use and this station does not. */
  readonly passedOver: readonly string[];
}

const defaultKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const maxJumps = 8;

/**
 * What OpenSSH would connect to for this target. Throws `ssh/config-unreadable`, `ssh/config-unsupported` and, for an
 * invalid jump host, `usage/invalid`.
 */
export async function resolveDestination(target: SshTarget, access: SshAccess): Promise<SshDestination> {
  const file = access.sshConfigFile;
  return resolve(target, file === null ? [] : await readSshConfigFile(file, access), access, null, 0);
}

/** `given` are hops that replace those of the configuration. */
function resolve(
  target: SshTarget,
  entries: readonly SshConfigEntry[],
  access: SshAccess,
  given: readonly SshDestination[] | null,
  depth: number,
): SshDestination {
  if (depth > maxJumps) {
    const message = `ProxyJump leads through more than ${maxJumps} hosts, or in a circle, for ${target.host}`;
    throw new CanopusError('ssh/config-unreadable', message, { host: target.host });
  }
  const { localUser } = access;
  const settings = readSshConfig(entries, { host: target.host, user: target.user, localUser });
  if (settings.proxyCommandAt !== null && given === null) {
    const place = settings.proxyCommandAt;
    const message = `${place} reaches ${target.host} through a ProxyCommand, which this station does not run`;
    throw new CanopusError('ssh/config-unsupported', message, {
      host: target.host,
      place,
      setting: 'ProxyCommand',
    });
  }
  const host = settings.hostName ?? target.host;
  const user = target.user ?? settings.user ?? localUser;
  const port = target.port ?? settings.port ?? 22;
  const expand = (text: string): string =>
    expandSshTokens(text, {
      ...{ host, user, port, localUser, originalHost: target.host, hostKeyAlias: settings.hostKeyAlias },
      homeDirectory: access.homeDirectory,
      localHost: hostname(),
      environment: (name) => process.env[name],
      jump: settings.proxyJump?.join(',') ?? '',
      sha1: (all) => createHash('sha1').update(all).digest('hex'),
    });
  const named = settings.identityFiles.filter((each) => each.toLowerCase() !== 'none').map(expand);
  const fallback = defaultKeys.map((name) => join(access.homeDirectory, '.ssh', name));
  const usual = settings.identityFiles.length > 0 ? named : fallback;
  const known = settings.knownHostsFiles?.filter((each) => each.toLowerCase() !== 'none').map(expand);
  return {
    host,
    port,
    user,
    hostKeyName: settings.hostKeyAlias === null ? knownHostName(host, port) : expand(settings.hostKeyAlias),
    keyFiles: [...access.keyFiles, ...usual],
    agent: agentOf(settings.identityAgent, access.agent, expand),
    identitiesOnly: settings.identitiesOnly,
    knownHostsFiles: known ?? access.knownHostsFiles,
    jumps: given ?? hopsOf((settings.proxyJump ?? []).map(expand), entries, access, depth),
    passedOver: settings.passedOver,
  };
}

/** The first hop is reached as its own configuration says; each other one through the hop before it. */
function hopsOf(
  jumps: readonly string[],
  entries: readonly SshConfigEntry[],
  access: SshAccess,
  depth: number,
): SshDestination[] {
  const hops: SshDestination[] = [];
  for (const [index, jump] of jumps.entries()) {
    const hop = resolve(parseSshTarget(jump), entries, access, index === 0 ? null : [], depth + 1);
    hops.push(...hop.jumps, { ...hop, jumps: [] });
  }
  return hops;
}

/** ssh_config(5), IdentityAgent: `SSH_AUTH_SOCK` and `$VARIABLE` name a variable of the environment. */
function agentOf(
  written: string | null,
  usual: string | null,
  expand: (text: string) => string,
): string | null {
  if (written === null || written === 'SSH_AUTH_SOCK') return usual;
  if (written.toLowerCase() === 'none') return null;
  if (/^\$[A-Za-z_]/.test(written)) return process.env[written.slice(1)] ?? null;
  return expand(written);
}
