import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'canopus-hostile-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Of each kind that looks at its surroundings: locale, folders, shells, git, a real sshd. */
const files = [
  'test/main/environment.test.ts',
  'test/main/hosts/cli/commands.test.ts',
  'test/main/shell/local-shell.test.ts',
  'test/main/files/process-lock.test.ts',
  'test/app/history',
  'test/system/firmware/sources.test.ts',
  'test/system/pi/apply.test.ts',
];

it('tests pass for a person with another language, time zone, umask, agent, ssh and git configuration', async () => {
  mkdirSync(join(home, '.ssh'));
  chmodSync(join(home, '.ssh'), 0o700);
  writeFileSync(join(home, '.ssh', 'config'), 'Host *\n  User stranger\n  Port 1\n  ProxyCommand false\n');
  writeFileSync(
    join(home, '.gitconfig'),
    '[core]\n\tautocrlf = true\n[user]\n\tname = Stranger\n[init]\n\tdefaultBranch = x\n',
  );
  writeFileSync(join(home, '.profile'), 'echo noise; exit 3\n');
  const hostile = {
    ...{ HOME: home, USERPROFILE: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: '/nowhere' },
    ...{ LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de', TZ: 'Asia/Kolkata' },
    ...{ SSH_AUTH_SOCK: join(home, 'no-agent'), SSH_ASKPASS: '/bin/false', GIT_DIR: '/nowhere' },
    ...{ MAKEFLAGS: '-n', ENV: join(home, '.profile'), BASH_ENV: join(home, '.profile'), CDPATH: '/' },
    ...{ http_proxy: 'http://127.0.0.1:1', https_proxy: 'http://127.0.0.1:1' },
  };
  const vitest = [resolve('node_modules/vitest/vitest.mjs'), 'run', '--reporter=dot', ...files];
  const command = `umask 077; exec "$@"`;
  const child = spawn('/bin/sh', ['-c', command, 'sh', process.execPath, ...vitest], {
    env: { ...process.env, ...hostile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => said.push(bytes));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code, Buffer.concat(said).toString().slice(-8000)).toBe(0);
}, 600_000);
