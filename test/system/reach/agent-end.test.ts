import { execFile } from 'node:child_process';
import { mkdtemp, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AgentClient } from '../../../main/reach/pi/agent-client.ts';
import { startAgentOverSsh } from '../../../main/reach/pi/agent-over-ssh.ts';
import { systemClock } from '../../../main/system-clock.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { openDeafTerminal } from '../pseudo-terminal.ts';
import { sshServers } from '../pi/ssh-fixture.ts';
import { logIn } from './agent-bench.ts';
import { RunningAgents } from './running-agents.ts';

const execute = promisify(execFile);

const running = new RunningAgents();

/** The one that started since. */
async function newAgent(before: readonly number[]): Promise<number> {
  const started = (await running.list()).filter((pid) => !before.includes(pid));
  expect(started).toHaveLength(1);
  return started[0] ?? 0;
}

/** An agent that has the other end of a terminal open, and its process. */
async function working(server: OpenSshServer) {
  const before = await running.list();
  const shell = await logIn(server);
  const client = await AgentClient.open(await startAgentOverSsh(shell), systemClock);
  const pid = await newAgent(before);
  const terminal = await openDeafTerminal();
  await client.request('serial.open', { tty: terminal.tty, baud: 250_000 });
  expect(await readlink(`/proc/${pid}/cwd`)).toBeTypeOf('string');
  return { shell, client, pid, terminal };
}

describe('nothing is left of the agent', () => {
  let server: OpenSshServer;
  beforeAll(async () => {
    server = await startOpenSshServer({ env: running.mark });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('when it is closed', async () => {
    const { shell, client, pid, terminal } = await working(server);
    await client.close();
    // On a busy machine it may have to be killed, and the kernel lists a killed process for a moment.
    expect(await running.isGone(pid, 10_000)).toBe(true);
    await expect(client.request('ping')).rejects.toMatchObject({ code: 'link/closed' });
    await shell[Symbol.asyncDispose]();
    await terminal[Symbol.asyncDispose]();
  });

  it('when its shell is closed', async () => {
    const { shell, client, pid, terminal } = await working(server);
    await shell[Symbol.asyncDispose]();
    expect(await running.isGone(pid, 10_000)).toBe(true);
    await expect(client.request('ping')).rejects.toMatchObject({ name: 'CanopusError' });
    await terminal[Symbol.asyncDispose]();
  });

  it('when the connection breaks, and every request then says so', async () => {
    const { client, pid, terminal } = await working(server);
    const pending = client.request('serial.write', { link: 1 }, new Uint8Array(500_000));
    const refused = expect(pending).rejects.toMatchObject({ code: 'shell/lost' });
    // The server ends no session then: the agent itself has to notice.
    await server.cut();
    expect(await running.isGone(pid, 10_000)).toBe(true);
    await refused;
    await expect(client.request('ping')).rejects.toMatchObject({ code: 'shell/lost' });
    await terminal[Symbol.asyncDispose]();
  });

  it('when it hears nothing any more, as from a computer that fell asleep', async () => {
    const { shell, client, pid, terminal } = await working(server);
    // Well before this side would say something by itself.
    await client.request('hello', { silenceMs: 500 });
    expect(await running.isGone(pid, 15_000)).toBe(true);
    await expect(client.request('ping')).rejects.toMatchObject({ code: 'reach/agent-ended' });
    await shell[Symbol.asyncDispose]();
    await terminal[Symbol.asyncDispose]();
  });

  it('when it gets something that is no message', async () => {
    const before = await running.list();
    const shell = await logIn(server);
    const channel = await startAgentOverSsh(shell);
    await AgentClient.open(channel, systemClock);
    const pid = await newAgent(before);
    channel.write(new TextEncoder().encode('GET / HTTP/1.1\r\n'));
    expect(await running.isGone(pid, 10_000)).toBe(true);
    await shell[Symbol.asyncDispose]();
  });
});

describe.each(Object.entries(sshServers))('behind %s', (_, start) => {
  it('a Pi without Python is said to have none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'canopus-no-python-'));
    for (const name of ['sh', 'base64', 'setsid', 'sleep', 'kill'])
      await symlink((await execute('which', [name])).stdout.trim(), join(folder, name));
    await using server = await start({ env: { PATH: folder } });
    await using shell = await logIn(server);
    const opening = startAgentOverSsh(shell).then((channel) => AgentClient.open(channel, systemClock));
    await expect(opening).rejects.toMatchObject({ code: 'reach/no-python' });
    await rm(folder, { recursive: true });
  });
});
