import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { AuthContext, Connection } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SshAccess } from '../../../main/shell/ssh/ssh-access.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';

/** OpenSSH checks passwords against the machine's own accounts, so this server is ssh2's: only its replies count. */
describe('logging in with a password', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canopus-password-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function login(
    accepts: ('password' | 'keyboard-interactive')[],
    answers: (string | null)[],
  ): Promise<{ outcome: string; message: string; asked: number; seen: string[] }> {
    const seen: string[] = [];
    const judge = (context: AuthContext): void => {
      if (context.method === 'password' && accepts.includes('password')) {
        seen.push(`password ${context.password}`);
        if (context.password === 'raspberry') context.accept();
        else context.reject(accepts);
      } else if (context.method === 'keyboard-interactive' && accepts.includes('keyboard-interactive')) {
        context.prompt([{ prompt: 'Password: ', echo: false }], (given) => {
          seen.push(`keyboard ${given.join()}`);
          if (given[0] === 'raspberry') context.accept();
          else context.reject(accepts);
        });
      } else {
        seen.push(context.method);
        context.reject(accepts);
      }
    };
    // One in 300 ed25519 keys that ssh2 makes cannot be read by it.
    const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    const server = new ssh2.Server({ hostKeys: [key.private] }, (client: Connection) => {
      client.on('authentication', judge).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    let asked = 0;
    const access: SshAccess = {
      keyFiles: [],
      agent: null,
      sshConfigFile: null,
      knownHostsFiles: [],
      ownKnownHostsFile: join(folder, String(port)),
      homeDirectory: folder,
      localUser: 'pi',
      questions: {
        trustHostKey: () => Promise.resolve(true),
        password: ({ attempt }) => {
          asked = attempt;
          return Promise.resolve(answers[attempt - 1] ?? null);
        },
        passphrase: () => Promise.resolve(null),
        prompt: () => Promise.resolve(null),
      },
    };
    try {
      const destination = await resolveDestination({ user: 'pi', host: '127.0.0.1', port }, access);
      const connection = await connectSsh(destination, access, { timeoutMs: 5_000 });
      connection.end();
      return { outcome: 'in', message: '', asked, seen };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { outcome: code, message, asked, seen };
    } finally {
      server.close();
    }
  }

  it('asks the server what it accepts before it asks a person', async () => {
    expect(await login(['password'], ['raspberry'])).toMatchObject({
      outcome: 'in',
      asked: 1,
      seen: ['none', 'password raspberry'],
    });
  });

  it('replies to the prompt of PAM if the server accepts no plain password', async () => {
    const { outcome, seen } = await login(['keyboard-interactive'], ['raspberry']);
    expect(outcome).toBe('in');
    expect(seen).toEqual(['none', 'keyboard raspberry']);
  });

  it('asks again after a wrong password, three times at most, and never says what was tried', async () => {
    expect(await login(['password'], ['wrong', 'raspberry'])).toMatchObject({ outcome: 'in', asked: 2 });
    const { outcome, message, asked } = await login(
      ['password'],
      ['secret1', 'secret2', 'secret3', 'secret4'],
    );
    expect(outcome).toBe('ssh/auth-failed');
    expect(asked).toBe(3);
    expect(message).not.toContain('secret');
  });

  it('stops where the person does', async () => {
    expect(await login(['password'], [null])).toMatchObject({ outcome: 'ssh/auth-failed', asked: 1 });
  });
});
