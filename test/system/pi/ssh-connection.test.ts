import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isCanopusError, type CanopusError } from '../../../app/errors.ts';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import type { HostKeyQuestion, SshAccess } from '../../../main/shell/ssh/ssh-access.ts';
import { connectSsh, type ConnectOptions } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { startOpenSshServer, type OpenSshServer } from '../openssh-server.ts';
import { accessTo, noQuestions } from './ssh-fixture.ts';

const execute = promisify(execFile);

async function connect(
  target: { user: string | null; host: string; port: number | null },
  access: SshAccess,
  options: ConnectOptions = {},
): Promise<SshShell> {
  return new SshShell(await connectSsh(await resolveDestination(target, access), access, options));
}

async function failureOf(work: Promise<SshShell>): Promise<CanopusError> {
  try {
    await (await work).close();
  } catch (error) {
    if (isCanopusError(error)) return error;
    throw error;
  }
  throw new Error('it connected');
}

/** Runs one command to see that the login is real. */
async function greet(shell: SshShell): Promise<string> {
  const { stdout } = await shell.run({ argv: ['echo', 'hello'] }, { timeoutMs: 10_000 });
  await shell.close();
  return stdout.trim();
}

describe('a connection to a real OpenSSH server', () => {
  let server: OpenSshServer;
  beforeAll(async () => {
    server = await startOpenSshServer();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  describe('host keys', () => {
    it('shows the fingerprint of a new host, remembers an accepted one and does not ask again', async () => {
      const asked: HostKeyQuestion[] = [];
      const access = await accessTo(server, {
        knownHostsFiles: [],
        ownKnownHostsFile: join(server.folder, 'deep', 'own_known_hosts'),
        questions: { ...noQuestions, trustHostKey: (question) => Promise.resolve(asked.push(question) > 0) },
      });
      expect(await greet(await connect(server, access))).toBe('hello');
      expect(await greet(await connect(server, access))).toBe('hello');
      expect(asked).toEqual([
        {
          host: `[127.0.0.1]:${server.port}`,
          keyType: 'ssh-ed25519',
          fingerprint: await server.hostKeyFingerprint(),
        },
      ]);
      expect(await readFile(access.ownKnownHostsFile, 'utf8')).toBe(await server.knownHostsLine());
    });

    it('does not log in where the fingerprint was not accepted', async () => {
      const access = await accessTo(server, {
        knownHostsFiles: [],
        ownKnownHostsFile: join(server.folder, 'none'),
      });
      const error = await failureOf(connect(server, access));
      expect(error.code).toBe('ssh/host-key-unknown');
      expect(error.message).toContain(await server.hostKeyFingerprint());
      expect(server.log()).not.toContain('no such line');
    });

    it('finds hosts that ssh-keygen has hashed', async () => {
      const access = await accessTo(server);
      const file = join(server.folder, 'hashed');
      await writeFile(file, await server.knownHostsLine());
      await execute('ssh-keygen', ['-H', '-f', file]);
      expect(await readFile(file, 'utf8')).toMatch(/^\|1\|/);
      expect(await greet(await connect(server, { ...access, knownHostsFiles: [file] }))).toBe('hello');
    });

    it('refuses a changed key, with both fingerprints and the place of the old one', async () => {
      const access = await accessTo(server);
      const before = await server.hostKeyFingerprint();
      await server.changeHostKey();
      const error = await failureOf(connect(server, access));
      expect(error.code).toBe('ssh/host-key-changed');
      expect(error.message).toContain(before);
      expect(error.message).toContain(await server.hostKeyFingerprint());
      expect(error.message).toMatch(/known_hosts:\d+/);
      // Nobody was asked and nothing was written.
      await expect(readFile(access.ownKnownHostsFile)).rejects.toThrow();
    });

    it('refuses a revoked key', async () => {
      const file = join(server.folder, 'revoked');
      await writeFile(file, `@revoked ${await server.knownHostsLine()}`);
      const access = await accessTo(server, { knownHostsFiles: [file] });
      expect((await failureOf(connect(server, access))).code).toBe('ssh/host-key-revoked');
    });

    it('takes a known host that shows another type of key for a changed one', async () => {
      const file = join(server.folder, 'other-type');
      const rsa = join(server.folder, 'rsa');
      await execute('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', rsa]);
      const [type, key] = (await readFile(`${rsa}.pub`, 'utf8')).split(' ');
      await writeFile(file, `[127.0.0.1]:${server.port} ${type ?? ''} ${key ?? ''}\n`);
      const access = await accessTo(server, { knownHostsFiles: [file] });
      expect((await failureOf(connect(server, access))).code).toBe('ssh/host-key-changed');
    });
  });

  describe('logging in', () => {
    it('names what was tried if the server refuses the login', async () => {
      const stranger = join(server.folder, 'stranger');
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', stranger]);
      const error = await failureOf(connect(server, await accessTo(server, { keyFiles: [stranger] })));
      expect(error.code).toBe('ssh/auth-failed');
      expect(error.details['tried']).toEqual([stranger]);
      expect(error.details['accepts']).toEqual(['publickey']);
    });

    it('opens a key with its passphrase, asking again after a wrong one', async () => {
      const locked = join(server.folder, 'locked');
      await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'open sesame', '-f', locked]);
      await appendFile(join(server.folder, 'authorized_keys'), await readFile(`${locked}.pub`));
      const attempts: number[] = [];
      const passphrase = ({ attempt }: { attempt: number }) => {
        attempts.push(attempt);
        return Promise.resolve(attempt === 1 ? 'wrong' : 'open sesame');
      };
      const access = await accessTo(server, {
        keyFiles: [locked],
        questions: { ...noQuestions, passphrase },
      });
      expect(await greet(await connect(server, access))).toBe('hello');
      expect(attempts).toEqual([1, 2]);
      const giveUp = { ...access, questions: noQuestions };
      expect((await failureOf(connect(server, giveUp))).code).toBe('ssh/key-locked');
    });

    it('says which key file cannot be used', async () => {
      const missing = await failureOf(
        connect(server, await accessTo(server, { keyFiles: ['/nonexistent/key'] })),
      );
      expect(missing.code).toBe('ssh/key-unreadable');
      const nonsense = join(server.folder, 'nonsense');
      await writeFile(nonsense, 'not a key');
      const error = await failureOf(connect(server, await accessTo(server, { keyFiles: [nonsense] })));
      expect(error.code).toBe('ssh/key-unreadable');
    });

    it('uses a real ssh-agent', async () => {
      const { stdout } = await execute('ssh-agent', ['-s', '-a', join(server.folder, 'agent')]);
      const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
      try {
        const agent = join(server.folder, 'agent');
        await execute('ssh-add', ['-q', server.keyFile], { env: { ...process.env, SSH_AUTH_SOCK: agent } });
        const access = await accessTo(server, { keyFiles: [], agent });
        expect(await greet(await connect(server, access))).toBe('hello');
      } finally {
        process.kill(pid);
      }
    });

    it('goes on without an agent that is not there', async () => {
      const home = join(server.folder, 'agentless');
      await mkdir(join(home, '.ssh'), { recursive: true });
      await writeFile(join(home, '.ssh', 'id_ed25519'), await readFile(server.keyFile), { mode: 0o600 });
      const access = await accessTo(server, {
        keyFiles: [],
        agent: '/nonexistent/agent',
        homeDirectory: home,
      });
      expect(await greet(await connect(server, access))).toBe('hello');
    });
  });

  describe('~/.ssh/config', () => {
    it('supplies host name, user, port, key and a jump host', async () => {
      const through = await startOpenSshServer();
      try {
        const config = join(server.folder, 'config');
        await writeFile(
          config,
          `Host voron
  HostName 127.0.0.1
  Port ${server.port}
  User ${server.user}
  IdentityFile ${server.keyFile}
  ProxyJump gate

Host gate
  HostName 127.0.0.1
  Port ${through.port}
  User ${server.user}
  IdentityFile ${through.keyFile}
`,
        );
        const access = await accessTo(server, { keyFiles: [], sshConfigFile: config });
        await appendFile(join(server.folder, 'known_hosts'), await through.knownHostsLine());
        expect(await greet(await connect(parseSshTarget('voron'), access))).toBe('hello');
        expect(through.log()).toContain('Accepted publickey');
        await through.changeHostKey();
        expect((await failureOf(connect(parseSshTarget('voron'), access))).code).toBe('ssh/host-key-changed');
      } finally {
        await through[Symbol.asyncDispose]();
      }
    });
  });

  describe('a network that fails', () => {
    it('names a port where nothing listens', async () => {
      const access = await accessTo(server);
      const error = await failureOf(connect({ user: 'pi', host: '127.0.0.1', port: 1 }, access));
      expect(error.code).toBe('ssh/refused');
    });

    it('names a host that does not exist', async () => {
      const access = await accessTo(server);
      const error = await failureOf(connect({ user: 'pi', host: 'canopus.invalid', port: 22 }, access));
      expect(error.code).toBe('ssh/host-not-found');
    });

    it('gives up on a server that never speaks, and on one that speaks something else', async () => {
      const answers: (string | null)[] = [null, 'HTTP/1.1 400 Bad Request\r\n\r\n'];
      for (const answer of answers) {
        const silent = createServer((socket) => {
          if (answer !== null) socket.end(answer);
        });
        await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
        const address = silent.address();
        const port = typeof address === 'object' && address !== null ? address.port : 0;
        const error = await failureOf(
          connect({ user: 'pi', host: '127.0.0.1', port }, await accessTo(server), { timeoutMs: 500 }),
        );
        expect(error.code).toBe(answer === null ? 'ssh/timeout' : 'ssh/broken');
        silent.close();
      }
    });

    it('can be cancelled while it connects', async () => {
      const silent = createServer();
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const address = silent.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const abort = new AbortController();
      const access = await accessTo(server);
      silent.once('connection', () => abort.abort());
      const error = await failureOf(
        connect({ user: 'pi', host: '127.0.0.1', port }, access, { signal: abort.signal }),
      );
      expect(error.code).toBe('cancelled');
      silent.close();
    });

    it('fails a running command when the server is gone, and can connect again when it is back', async () => {
      const access = await accessTo(server);
      const shell = await connect(server, access);
      const run = shell.run(
        { argv: ['sh', '-c', 'echo ready; sleep 5'] },
        { timeoutMs: 60_000, onLine: () => void server.stop() },
      );
      await expect(run).rejects.toMatchObject({ code: 'shell/lost' });
      expect(shell.connected).toBe(false);
      await expect(shell.run({ argv: ['true'] }, { timeoutMs: 1_000 })).rejects.toMatchObject({
        code: 'shell/lost',
      });
      await shell.close();
      await server.start();
      expect(await greet(await connect(server, access))).toBe('hello');
    });

    it('notices by keepalive that a server fell silent', async () => {
      const shell = await connect(server, await accessTo(server), { keepaliveMs: 100 });
      const run = shell.run(
        { argv: ['sh', '-c', 'echo ready; sleep 60'] },
        { timeoutMs: 60_000, onLine: () => void server.freeze() },
      );
      await expect(run).rejects.toMatchObject({ code: 'shell/lost' });
      await shell.close();
    });
  });
});
