import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
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

async function open() {
  const access = await accessTo(server);
  const destination = await resolveDestination(server, access);
  const shell = new SshShell(await connectSsh(destination, access));
  return { shell, folder: await mkdtemp(join(server.folder, 'shell-')) };
}

shellConformance('a login on a real OpenSSH server', open);

it('tells what the start files of a login shell print from what a command prints', async () => {
  await writeFile(join(server.home, '.bashrc'), 'echo welcome; echo beware >&2\n');
  const { shell } = await open();
  const result = await shell.run({ argv: ['sh', '-c', 'echo out; echo err >&2'] }, { timeoutMs: 10_000 });
  await shell.close();
  expect(result).toMatchObject({ stdout: 'out\n', stderr: 'err\n' });
});
