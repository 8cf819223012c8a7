import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectSsh } from '../../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../../main/shell/ssh/ssh-shell.ts';
import { shellConformance } from '../../conformance/shell.ts';
import { startOpenSshServer, type SshServer } from '../openssh-server.ts';
import { accessTo, sshServers } from './ssh-fixture.ts';

async function login(server: SshServer): Promise<SshShell> {
  const access = await accessTo(server);
  const destination = await resolveDestination(server, access);
  return new SshShell(await connectSsh(destination, access));
}

describe.each(Object.entries(sshServers))('a login on a real %s', (name, start) => {
  let server: SshServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  shellConformance(name, async () => ({
    shell: await login(server),
    folder: await mkdtemp(join(server.folder, 'shell-')),
  }));
});

describe.each(Object.entries(sshServers))('start files of a login shell on %s', (_, start) => {
  it.each([
    [
      '/bin/bash',
      '.bashrc',
      'echo welcome; echo beware >&2; printf "\\001noise\\n"; alias printf=false read=false',
    ],
    ['/usr/bin/zsh', '.zshenv', 'echo welcome; echo beware >&2; alias sed=false'],
    ['/usr/bin/fish', '.config/fish/config.fish', 'echo welcome; echo beware >&2'],
    ['/bin/dash', '.profile', ''],
  ])('of %s print what they like', async (shell, file, text) => {
    await using server = await start({ shell });
    await mkdir(dirname(join(server.home, file)), { recursive: true });
    await writeFile(join(server.home, file), `${text}\n`);
    await using there = await login(server);
    const result = await there.run(
      {
        argv: ['sh', '-c', 'echo out; echo err >&2; cat', 'sh', "it's"],
        stdin: new TextEncoder().encode('in\n'),
      },
      { timeoutMs: 10_000 },
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: 'out\nin\n', stderr: 'err\n' });
  });

  it.each([
    ['exit 0', 'with 0'],
    ['echo Account expired.; exit 1', 'Account expired.'],
    ['while :; do echo 0123456789abcdef; done', 'more than 65536 bytes'],
  ])('that do "%s" are quoted, and not the network', async (text, said) => {
    await using server = await start({ shell: '/bin/bash' });
    await writeFile(join(server.home, '.bashrc'), `${text}\n`);
    await using there = await login(server);
    await expect(
      there.run({ argv: ['true'], stdin: new TextEncoder().encode('secret') }, { timeoutMs: 60_000 }),
    ).rejects.toMatchObject({ code: 'ssh/login-shell', message: expect.stringContaining(said) as string });
  });

  it('that read a line get an empty one after a while, and the command runs', async () => {
    await using server = await start({ shell: '/bin/bash' });
    await writeFile(join(server.home, '.bashrc'), 'read -r name; echo "hello $name"\n');
    await using there = await login(server);
    const command = {
      argv: ['sh', '-c', 'echo out; cat'],
      stdin: new TextEncoder().encode('\nin\n'),
    } as const;
    expect(await there.run(command, { timeoutMs: 20_000 })).toMatchObject({
      exitCode: 0,
      stdout: 'out\n\nin\n',
      stderr: '',
    });
  });

  it('that put another shell in place get neither script nor input', async () => {
    await using server = await start({ shell: '/bin/bash' });
    const got = join(server.folder, 'got');
    await writeFile(
      join(server.home, '.bashrc'),
      `exec sh -c 'echo taken; timeout 3 cat > ${got}; exit 5'\n`,
    );
    await using there = await login(server);
    await expect(
      there.run({ argv: ['true'], stdin: new TextEncoder().encode('secret') }, { timeoutMs: 60_000 }),
    ).rejects.toMatchObject({ code: 'ssh/login-shell', details: { exitCode: 5, said: 'taken' } });
    expect(await readFile(got, 'utf8')).toBe('');
  });
});

it('runs what it is asked one after the other where the server allows one session', async () => {
  await using server = await startOpenSshServer({ config: ['MaxSessions 1'] });
  await using there = await login(server);
  const results = await Promise.all(
    [1, 2, 3, 4].map((n) => there.run({ argv: ['echo', String(n)] }, { timeoutMs: 20_000 })),
  );
  expect(results.map(({ stdout }) => stdout)).toEqual(['1\n', '2\n', '3\n', '4\n']);
});

it('ends a command where the server allows one session more, and that one waits for a command', async () => {
  await using server = await startOpenSshServer({ config: ['MaxSessions 2'] });
  await using there = await login(server);
  await there.run({ argv: ['true'] }, { timeoutMs: 20_000 });
  const abort = new AbortController();
  let pid = '';
  const run = there.run(
    { argv: ['sh', '-c', 'sleep 0.5; echo $$; exec sleep 60'] },
    {
      timeoutMs: 20_000,
      signal: abort.signal,
      onLine: ({ text }) => {
        pid = text;
        abort.abort();
      },
    },
  );
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  const { stdout } = await there.run(
    { argv: ['sh', '-c', 'kill -s 0 "$1" 2>/dev/null && echo alive || echo gone', 'sh', pid] },
    { timeoutMs: 20_000 },
  );
  expect(pid).toMatch(/^\d+$/);
  expect(stdout).toBe('gone\n');
});
