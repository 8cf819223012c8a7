import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SshAccess, SshQuestions } from '../../../main/shell/ssh/ssh-access.ts';
import { startDropbear } from '../dropbear-server.ts';
import { startOpenSshServer, type SshServer } from '../openssh-server.ts';

/** Replies to no question and trusts no key: an unexpected question fails the test. */
export const noQuestions: SshQuestions = {
  trustHostKey: () => Promise.resolve(false),
  password: () => Promise.resolve(null),
  passphrase: () => Promise.resolve(null),
  prompt: () => Promise.resolve(null),
};

/** Access with the server's key, its host key known, and nothing of the machine that runs the test. */
export async function accessTo(server: SshServer, changes: Partial<SshAccess> = {}): Promise<SshAccess> {
  const access: SshAccess = {
    keyFiles: [server.keyFile],
    agent: null,
    sshConfigFile: null,
    knownHostsFiles: [join(server.folder, 'known_hosts')],
    ownKnownHostsFile: join(server.folder, 'canopus_known_hosts'),
    homeDirectory: server.folder,
    localUser: server.user,
    questions: noQuestions,
    ...changes,
  };
  await appendFile(join(server.folder, 'known_hosts'), await server.knownHostsLine());
  return access;
}

/** The servers that a Pi may run: OpenSSH nearly everywhere, dropbear on DietPi and on small systems. */
export const sshServers = { OpenSSH: startOpenSshServer, dropbear: startDropbear } as const;
