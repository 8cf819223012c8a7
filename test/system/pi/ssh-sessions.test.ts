import { expect, it } from 'vitest';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { accessTo, sshServers } from './ssh-fixture.ts';

it.each([
  ['OpenSSH', true],
  ['dropbear', false],
] as const)('sessions are opened ahead at %s: %s', async (name, expected) => {
  await using server = await sshServers[name]();
  const access = await accessTo(server);
  const { host, port, user } = server;
  const connection = await connectSsh(await resolveDestination({ host, port, user }, access), access);
  expect(connection.takesSessionsAhead).toBe(expected);
  connection.end();
});
