import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, type SshServer, type SshServerOptions } from './openssh-server.ts';

const execute = promisify(execFile);

/** Debian's libnss-wrapper, which shows one program another list of accounts. */
async function nssWrapper(): Promise<string> {
  for (const folder of ['/usr/lib', ...(await readdir('/usr/lib')).map((name) => `/usr/lib/${name}`)]) {
    const names = await readdir(folder).catch((): string[] => []);
    if (names.includes('libnss_wrapper.so')) return join(folder, 'libnss_wrapper.so');
  }
  throw new Error('libnss_wrapper.so is not here: apt-get install libnss-wrapper');
}

/**
 * A real dropbear on loopback that lets the user who runs the tests in, by key. Dropbear reads authorized_keys from the
 * account's home and has no SetEnv: an account of the test's own and a forced command stand in for both.
 */
export async function startDropbear(options: SshServerOptions = {}): Promise<SshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-dropbear-'));
  const port = await freePort();
  const user = userInfo();
  const account = join(folder, 'account');
  const home = join(folder, 'home');
  const hostKey = join(folder, 'host_key');
  const keyFile = join(folder, 'client_key');
  await mkdir(join(account, '.ssh'), { recursive: true, mode: 0o700 });
  await mkdir(home);
  await execute('dropbearkey', ['-t', 'ed25519', '-f', hostKey]);
  await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'canopus test', '-f', keyFile]);
  const env = { HOME: home, ...options.env, ...options.prepare?.(folder) };
  const shell = options.shell ?? '/bin/bash';
  const login = [
    '#!/bin/sh',
    ...Object.entries(env).map(([name, value]) => `export ${name}="${value}"`),
    `exec ${shell} -c "$SSH_ORIGINAL_COMMAND"`,
  ];
  await writeFile(join(folder, 'login'), `${login.join('\n')}\n`);
  await chmod(join(folder, 'login'), 0o755);
  const authorized = `command="${join(folder, 'login')}" ${await readFile(`${keyFile}.pub`, 'utf8')}`;
  await writeFile(join(account, '.ssh', 'authorized_keys'), authorized, { mode: 0o600 });
  await writeFile(join(folder, 'passwd'), `${user.username}:x:${user.uid}:${user.gid}::${account}:/bin/sh\n`);
  await writeFile(join(folder, 'group'), `${user.username}:x:${user.gid}:\n`);

  let log = '';
  const preload = await nssWrapper();
  const program = ['-F', '-E', '-m', '-p', `127.0.0.1:${port}`, '-r', hostKey, '-P', join(folder, 'pid')];
  const dropbear = spawn('/usr/sbin/dropbear', program, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      LD_PRELOAD: preload,
      NSS_WRAPPER_PASSWD: join(folder, 'passwd'),
      NSS_WRAPPER_GROUP: join(folder, 'group'),
    },
  });
  await new Promise<void>((resolve, reject) => {
    dropbear.once('error', reject);
    dropbear.once('exit', () => reject(new Error(`dropbear did not start:\n${log}`)));
    dropbear.stderr.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      if (log.includes('Not backgrounding')) resolve();
    });
  });

  const publicKey = async (): Promise<string> => {
    const { stdout } = await execute('dropbearkey', ['-y', '-f', hostKey]);
    return /^ssh-ed25519 \S+/m.exec(stdout)?.[0] ?? '';
  };
  return {
    host: '127.0.0.1',
    port,
    user: user.username,
    keyFile,
    folder,
    home,
    hostKeyFingerprint: async () => {
      const blob = Buffer.from((await publicKey()).split(' ')[1] ?? '', 'base64');
      return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
    },
    knownHostsLine: async () => `[127.0.0.1]:${port} ${await publicKey()}\n`,
    log: () => log,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => dropbear.once('exit', resolve));
      dropbear.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
