import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { connectSsh } from '../../../main/pi/ssh-connection.ts';
import { resolveDestination } from '../../../main/pi/ssh-destination.ts';
import { SshShell } from '../../../main/pi/ssh-shell.ts';
import { shellConformance } from '../../conformance/shell.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { accessTo } from './ssh-fixture.ts';

let server: OpenSshServer;
beforeAll(async () => {
  server = await startOpenSshServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

shellConformance('a login on a real OpenSSH server', async () => {
  const access = await accessTo(server);
  const destination = await resolveDestination(server, access);
  const shell = new SshShell(await connectSsh(destination, access));
  return { shell, folder: await mkdtemp(join(server.folder, 'shell-')) };
});
