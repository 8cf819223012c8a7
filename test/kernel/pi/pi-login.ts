import path from 'node:path';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import { openPi } from '../../../main/pi/open-pi.ts';
import type { SshAccess } from '../../../main/shell/ssh/ssh-access.ts';
import { systemClock } from '../../../main/system-clock.ts';
import type { PiBench } from './pi-bench.ts';

/**
 * Content, mode and owner of everything that a plan could touch, and of everything else in these folders. Left out are
 * the journals and what the system itself writes.
 */
export const listFiles = `cd / && find etc home/pi -xdev -type f ! -path '*/.local/state/canopus/*' ! -path 'etc/.*' -print0 |
  sort -z > /run/files && xargs -0 stat -c '%a %U %G %n' < /run/files && xargs -0 sha256sum < /run/files &&
  find etc -xdev -type l -printf '%p -> %l\\n' | sort`;

/** Logs in as a station does that knows nothing of this Pi. */
export function logIn({ ssh }: PiBench, folder: string): Promise<PiSession> {
  const access: SshAccess = {
    keyFiles: [],
    agent: null,
    sshConfigFile: null,
    knownHostsFiles: [],
    ownKnownHostsFile: path.join(folder, `known_hosts-${ssh.port}`),
    homeDirectory: folder,
    localUser: 'nobody',
    questions: {
      trustHostKey: () => Promise.resolve(true),
      password: () => Promise.resolve(ssh.password),
      passphrase: () => Promise.resolve(null),
      prompt: () => Promise.resolve(null),
    },
  };
  return openPi(ssh, access, { clock: systemClock, timeoutMs: 120_000 });
}
