import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, KeyboardAuthContext, Server } from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LoginPrompt, SshAccess } from '../../../main/shell/ssh/ssh-access.ts';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';

type Ask = (
  title: string,
  prompts: readonly { prompt: string; echo: boolean }[],
) => Promise<readonly string[]>;

const hidden = (prompt: string) => [{ prompt, echo: false }];

/** OpenSSH asks the machine's own accounts, so this server is ssh2's, and what PAM would ask is written down. */
describe('what a server asks', () => {
  let folder: string;
  let server: Server | null = null;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canopus-prompts-'));
  });
  afterEach(() => {
    server?.close();
    server = null;
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function serve(onClient: (client: Connection) => void, banner?: string): Promise<number> {
    // One in 300 ed25519 keys that ssh2 makes cannot be read by it.
    const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    const listening = new ssh2.Server(
      { hostKeys: [key.private], ...(banner === undefined ? {} : { banner }) },
      (client) => {
        client.on('error', () => undefined);
        onClient(client);
      },
    );
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    return (listening.address() as { port: number }).port;
  }

  async function login(
    port: number,
    replies: Readonly<Record<string, string | null>>,
  ): Promise<{ shell: SshShell | null; code: string; message: string; asked: (LoginPrompt | string)[] }> {
    const asked: (LoginPrompt | string)[] = [];
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
          asked.push(`password ${attempt}`);
          return Promise.resolve(replies['password'] ?? null);
        },
        passphrase: () => Promise.resolve(null),
        prompt: (question) => {
          asked.push(question);
          return Promise.resolve(replies[question.prompt] ?? null);
        },
      },
    };
    try {
      const destination = await resolveDestination({ user: 'pi', host: '127.0.0.1', port }, access);
      const connection = await connectSsh(destination, access, { timeoutMs: 5_000 });
      return { shell: new SshShell(connection), code: 'in', message: '', asked };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return { shell: null, code, message, asked };
    }
  }

  /** A server that takes keyboard-interactive only; `talk` decides. */
  function pam(talk: (ask: Ask) => Promise<boolean>): Promise<number> {
    return serve((client) => {
      client.on('authentication', (context: AuthContext) => {
        if (context.method !== 'keyboard-interactive') {
          context.reject(['keyboard-interactive']);
          return;
        }
        const keyboard: KeyboardAuthContext = context;
        const ask: Ask = (title, prompts) =>
          new Promise((resolve) => keyboard.prompt([...prompts], title, '', (given) => resolve(given)));
        void talk(ask).then((ok) => (ok ? keyboard.accept() : keyboard.reject(['keyboard-interactive'])));
      });
    });
  }

  it('is not the password where it is a one-time code: a person is asked in its words', async () => {
    const port = await pam(async (ask) => {
      const [password] = await ask('', hidden('(pi@voron) Password: '));
      const [code] = await ask('', [{ prompt: '(pi@voron) Verification code: ', echo: true }]);
      return password === 'raspberry' && code === '123456';
    });
    const { code, asked, shell } = await login(port, {
      password: 'raspberry',
      '(pi@voron) Verification code:': '123456',
    });
    await shell?.close();
    expect(code).toBe('in');
    expect(asked).toEqual([
      'password 1',
      {
        label: `pi@127.0.0.1:${port}`,
        instructions: '',
        prompt: '(pi@voron) Verification code:',
        isHidden: false,
      },
    ]);
  });

  it('is not asked for a password where the server wants a code only', async () => {
    const port = await pam(
      async (ask) => (await ask('', hidden("One-time password (OATH) for `pi': ")))[0] === '42',
    );
    const { code, asked, shell } = await login(port, { "One-time password (OATH) for `pi':": '42' });
    await shell?.close();
    expect(code).toBe('in');
    expect(asked).toHaveLength(1);
  });

  const expired = (seen: string[][]) => async (ask: Ask) => {
    seen.push([...(await ask('', hidden('Password: ')))]);
    seen.push([
      ...(await ask('You are required to change your password immediately', hidden('Current password: '))),
    ]);
    seen.push([...(await ask('', [...hidden('New password: '), ...hidden('Retype new password: ')]))]);
    return seen.at(-1)?.join() === 'fresh,fresh';
  };

  it('takes a new password from a person where the old one has expired', async () => {
    const seen: string[][] = [];
    const port = await pam(expired(seen));
    const { code, shell } = await login(port, {
      password: 'raspberry',
      'New password:': 'fresh',
      'Retype new password:': 'fresh',
    });
    await shell?.close();
    expect(seen).toEqual([['raspberry'], ['raspberry'], ['fresh', 'fresh']]);
    expect(code).toBe('in');
  });

  it('says that the password has expired where there is no one to choose a new one', async () => {
    const seen: string[][] = [];
    const { code, message, asked } = await login(await pam(expired(seen)), { password: 'raspberry' });
    expect(code).toBe('ssh/password-expired');
    expect(message).toContain('"New password:"');
    expect(asked.filter((each) => each === 'password 1')).toHaveLength(1);
    expect(seen.flat().filter((each) => each === 'raspberry')).toHaveLength(2);
  });

  it('says so, too, where the server asks for a new password by the password method (RFC 4252, section 8)', async () => {
    const port = await serve((client) => {
      client.on('authentication', (context: AuthContext) => {
        if (context.method === 'password') context.requestChange('Choose another one.', () => undefined);
        else context.reject(['password']);
      });
    });
    const { code, message } = await login(port, { password: 'raspberry' });
    expect(code).toBe('ssh/password-expired');
    expect(message).toContain('it says: Choose another one.');
  });

  it('is quoted where there is no one to reply', async () => {
    const port = await pam(
      async (ask) => (await ask('Duo\u001b[31m login', hidden('Passcode or option (1-3): '))).length > 9,
    );
    const { code, message } = await login(port, {});
    expect(code).toBe('ssh/prompt-unanswered');
    expect(message).toContain('"Duo login Passcode or option (1-3):"');
  });

  it('a password that is wrong is asked for three times, and codes too', async () => {
    const { asked } = await login(
      await pam(async (ask) => (await ask('', hidden('Password: '))).length > 9),
      {
        password: 'wrong',
      },
    );
    expect(asked).toEqual(['password 1', 'password 2', 'password 3']);
    const codes = await login(await pam(async (ask) => (await ask('', hidden('Code: '))).length > 9), {
      'Code:': '1',
    });
    expect(codes.asked).toHaveLength(3);
    expect(codes.code).toBe('ssh/auth-failed');
  });

  it('is quoted from its banner where it refuses the login', async () => {
    const port = await serve(
      (client) => client.on('authentication', (context: AuthContext) => context.reject(['password'])),
      'System is going down.\u001b[2J\r\nUnprivileged users are not permitted to log in any more.',
    );
    const { code, message } = await login(port, { password: 'x' });
    expect(code).toBe('ssh/auth-failed');
    expect(message).toContain(
      'it said: System is going down. Unprivileged users are not permitted to log in any more.',
    );
  });

  it('runs fewer commands at a time where the server allows fewer sessions', async () => {
    let open = 0;
    let most = 0;
    const port = await serve((client) => {
      client.on('authentication', (context: AuthContext) => context.accept());
      client.on('session', (accept, reject) => {
        if (open >= 2) {
          reject();
          return;
        }
        open += 1;
        most = Math.max(most, open);
        const session = accept();
        session.on('close', () => (open -= 1));
        session.on('exec', (started, _refuse, { command }) => {
          const channel = started();
          const nonce = command.split(' ').at(-1) ?? '';
          channel.write(`\u0001${nonce}\n`);
          channel.stderr.write(`\u0001${nonce} 1\n`);
          channel.once('data', () => {
            channel.write('done');
            channel.exit(0);
            channel.end();
          });
        });
      });
    });
    const { shell } = await login(port, {});
    const results = await Promise.all(
      Array.from({ length: 6 }, () => shell!.run({ argv: ['true'] }, { timeoutMs: 5_000 })),
    );
    await shell!.close();
    expect(results.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 6 }, () => 'done'));
    expect(most).toBe(2);
  });

  it('opens no session at all: that is named, and not the network', async () => {
    const port = await serve((client) => {
      client.on('authentication', (context: AuthContext) => context.accept());
      client.on('session', (_accept, reject) => reject());
    });
    const { shell } = await login(port, {});
    await expect(shell!.run({ argv: ['true'] }, { timeoutMs: 5_000 })).rejects.toMatchObject({
      code: 'ssh/no-session',
    });
    await shell!.close();
  });
});
