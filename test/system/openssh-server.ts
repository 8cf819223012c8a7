import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface SshServerOptions {
  /**
   * Environment of every session, such as a PATH that starts with stand-ins. Values without double quotes. HOME
   * defaults to an empty folder, so that the start files of the user who runs the tests play no part.
   */
  readonly env?: Readonly<Record<string, string>>;
  /** As `env`, for paths in the server's own folder, which is there by then. */
  readonly prepare?: (folder: string) => Readonly<Record<string, string>>;
  /** The login shell; that of the account where not given. */
  readonly shell?: string;
}

export interface OpenSshServerOptions extends SshServerOptions {
  /** Further lines for sshd_config; they come first, so they win. */
  readonly config?: readonly string[];
}

/** A real SSH server on loopback that lets the user who runs the tests in, by key. */
export interface SshServer extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Who may log in: the user that runs the tests. */
  readonly user: string;
  /** A private key file without a passphrase that the server accepts. */
  readonly keyFile: string;
  /** A folder for the test's own files; removed with the server. */
  readonly folder: string;
  /** HOME of the sessions, unless `env` said otherwise; empty at first. */
  readonly home: string;
  /** Of the ed25519 host key, as ssh-keygen prints it: `SHA256:...`. */
  hostKeyFingerprint(): Promise<string>;
  /** The host key as a line of known_hosts. */
  knownHostsLine(): Promise<string>;
  /** What the server has said so far. */
  log(): string;
}

/** OpenSSH's. */
export interface OpenSshServer extends SshServer {
  /** Gives the server a new host key and restarts it on the same port. */
  changeHostKey(): Promise<void>;
  /** Ends the listener and every session, like a power cut; `start` brings it back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Breaks every connection, as a router that forgets them does: what runs in the sessions is left to itself. */
  cut(): Promise<void>;
  /** Stops every session from answering without closing anything, like a pulled network cable; `stop` still works. */
  freeze(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts `/usr/sbin/sshd` in the foreground, with everything it needs in its own folder under /tmp. */
export async function startOpenSshServer(options: OpenSshServerOptions = {}): Promise<OpenSshServer> {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-sshd-'));
  const port = await freePort();
  const hostKey = join(folder, 'host_key');
  const keyFile = join(folder, 'client_key');
  const generate = (path: string) =>
    execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'canopus test', '-f', path]);
  await generate(hostKey);
  await generate(keyFile);
  await writeFile(join(folder, 'authorized_keys'), await readFile(`${keyFile}.pub`));
  const home = join(folder, 'home');
  await mkdir(home);
  const env = Object.entries({ HOME: home, ...options.env, ...options.prepare?.(folder) }).map(
    ([name, value]) => `"${name}=${value}"`,
  );
  const config = [
    ...(options.config ?? []),
    // What sshd runs through the account's own shell runs the shell that was asked for.
    ...(options.shell === undefined ? [] : [`ForceCommand exec ${options.shell} -c "$SSH_ORIGINAL_COMMAND"`]),
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'LogLevel VERBOSE',
    'Subsystem sftp internal-sftp',
    `SetEnv ${env.join(' ')}`,
  ];
  await writeFile(join(folder, 'sshd_config'), `${config.join('\n')}\n`);
  // Where sshd runs as root it separates its privileges in this folder, which a service script would have made.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

  let log = '';
  let child: ReturnType<typeof spawn> | null = null;
  const sessions = new Set<number>();

  async function start(): Promise<void> {
    const from = log.length;
    // Its own group: sessions are ended with the server.
    const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = sshd;
    await new Promise<void>((resolve, reject) => {
      sshd.once('error', reject);
      sshd.once('exit', () => reject(new Error(`sshd did not start:\n${log.slice(from)}`)));
      sshd.stderr.on('data', (bytes: Buffer) => {
        log += bytes.toString();
        if (log.slice(from).includes('Server listening')) resolve();
      });
    });
  }

  /** sshd forks one process per connection; they outlive the listener unless they are ended, too. */
  async function childrenOf(pid: number): Promise<number[]> {
    const { stdout } = await execute('ps', ['-o', 'pid=', '--ppid', String(pid)]).catch(() => ({
      stdout: '',
    }));
    const children = stdout
      .split('\n')
      .map(Number)
      .filter((each) => each > 0);
    const deeper = await Promise.all(children.map(childrenOf));
    return [...children, ...deeper.flat()];
  }

  async function stop(): Promise<void> {
    const sshd = child;
    child = null;
    if (sshd?.pid === undefined || sshd.exitCode !== null) return;
    for (const pid of await childrenOf(sshd.pid)) sessions.add(pid);
    const ended = new Promise((resolve) => sshd.once('exit', resolve));
    sshd.kill('SIGKILL');
    for (const pid of sessions) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended without being stopped.
      }
    }
    sessions.clear();
    await ended;
  }

  const publicKey = async () => (await readFile(`${hostKey}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');

  await start();
  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    keyFile,
    folder,
    home,
    hostKeyFingerprint: async () => {
      const blob = Buffer.from((await publicKey()).split(' ')[1] ?? '', 'base64');
      return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
    },
    knownHostsLine: async () => `[127.0.0.1]:${port} ${await publicKey()}\n`,
    changeHostKey: async () => {
      await stop();
      await rm(hostKey);
      await rm(`${hostKey}.pub`);
      await generate(hostKey);
      await start();
    },
    stop,
    start,
    cut: async () => {
      if (child?.pid === undefined) return;
      for (const pid of await childrenOf(child.pid)) {
        const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
        if (name.startsWith('sshd')) process.kill(pid, 'SIGKILL');
      }
    },
    freeze: async () => {
      if (child?.pid === undefined) return;
      for (const pid of [child.pid, ...(await childrenOf(child.pid))]) process.kill(pid, 'SIGSTOP');
    },
    log: () => log,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
