import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ShellPiHost } from '../../../main/pi/shell-pi-host.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { startOpenSshServer } from '../openssh-server.ts';
import { accessTo } from './ssh-fixture.ts';

/** A login on a server that means harm, and the server. */
export interface HostileLogin extends AsyncDisposable {
  readonly host: ShellPiHost;
}

/**
 * A real server whose login shell pretends to run what it is told: it knows the mark, since that is a word of the
 * command, and then does what it likes.
 */
export async function loginToHostile(does: string, lookMs?: number): Promise<HostileLogin> {
  const server = await startOpenSshServer({ shell: '$HOME/shell' });
  const marks = 'for n in $2; do :; done; printf "\\001%s\\n" "$n"; printf "\\001%s 99999999\\n" "$n" >&2';
  // It is told to end the command, says that it did, and goes on.
  const ends = 'case $2 in *printf*) ;; *) exit 0 ;; esac';
  await writeFile(join(server.home, 'shell'), `#!/bin/sh\n${ends}\n${marks}\n${does}\n`);
  await chmod(join(server.home, 'shell'), 0o755);
  const access = await accessTo(server);
  const shell = new SshShell(await connectSsh(await resolveDestination(server, access), access));
  const host = new ShellPiHost(shell, {
    connectTo: (to, port) => shell.connectTo(to, port),
    ...(lookMs === undefined ? {} : { lookMs }),
  });
  return {
    host,
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}
