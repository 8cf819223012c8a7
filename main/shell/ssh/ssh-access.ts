import { existsSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface HostKeyQuestion {
  /** The server's name in known_hosts. */
  readonly host: string;
  readonly keyType: string;
  /** `SHA256:...`, to compare with what the Pi prints for `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`. */
  readonly fingerprint: string;
}

/** Something that a server asks and that is not the password: a one-time code, a new password. */
export interface LoginPrompt {
  readonly label: string;
  /** What the server says before it asks; empty for nothing. */
  readonly instructions: string;
  readonly prompt: string;
  /** What is typed must not be shown. */
  readonly isHidden: boolean;
}

/** Questions that a connection may ask a person. The connection uses answers once and stores none. */
export interface SshQuestions {
  /** An unknown server: true to trust it from now on. */
  trustHostKey(question: HostKeyQuestion): Promise<boolean>;
  /** Null gives up. `attempt` counts from 1. */
  password(question: { readonly label: string; readonly attempt: number }): Promise<string | null>;
  /** Null if there is no one to ask, or no reply. */
  prompt(question: LoginPrompt): Promise<string | null>;
  passphrase(question: { readonly keyFile: string; readonly attempt: number }): Promise<string | null>;
}

/** For what needs no login. */
export const noQuestions: SshQuestions = {
  trustHostKey: () => Promise.resolve(false),
  password: () => Promise.resolve(null),
  passphrase: () => Promise.resolve(null),
  prompt: () => Promise.resolve(null),
};

/** The means of a login, and who to ask. */
export interface SshAccess {
  /** Key files that were asked for; tried before anything else. */
  readonly keyFiles: readonly string[];
  /** The agent's socket or pipe; null for none. */
  readonly agent: string | null;
  /** The user's own ssh_config; null reads none. */
  readonly sshConfigFile: string | null;
  /** Read, never written. */
  readonly knownHostsFiles: readonly string[];
  /** Read, and accepted keys are added to it. */
  readonly ownKnownHostsFile: string;
  readonly homeDirectory: string;
  /** The user if neither the target nor the configuration names one. */
  readonly localUser: string;
  readonly questions: SshQuestions;
}

/** The address of OpenSSH's agent on this computer; null if there is none. */
function defaultAgent(): string | null {
  const socket = process.env['SSH_AUTH_SOCK'];
  if (socket !== undefined && socket !== '') return socket;
  const pipe = '\\\\.\\pipe\\openssh-ssh-agent';
  return process.platform === 'win32' && existsSync(pipe) ? pipe : null;
}

/** What OpenSSH on this computer would use, with our own known hosts in `dataDirectory`. */
export function defaultSshAccess(
  dataDirectory: string,
  questions: SshQuestions,
  keyFiles: readonly string[] = [],
): SshAccess {
  const home = homedir();
  const ssh = join(home, '.ssh');
  return {
    keyFiles,
    agent: defaultAgent(),
    sshConfigFile: join(ssh, 'config'),
    knownHostsFiles: [join(ssh, 'known_hosts'), join(ssh, 'known_hosts2'), '/etc/ssh/ssh_known_hosts'],
    ownKnownHostsFile: join(dataDirectory, 'known_hosts'),
    homeDirectory: home,
    localUser: userInfo().username,
    questions,
  };
}
