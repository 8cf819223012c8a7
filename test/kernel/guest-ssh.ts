import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { AgentClient } from '../../main/reach/pi/agent-client.ts';
import { startAgentOverSsh } from '../../main/reach/pi/agent-over-ssh.ts';
import { PiDevices } from '../../main/reach/pi/pi-devices.ts';
import { connectSsh } from '../../main/shell/ssh/ssh-connection.ts';
import { resolveDestination } from '../../main/shell/ssh/ssh-destination.ts';
import { SshShell } from '../../main/shell/ssh/ssh-shell.ts';
import { systemClock } from '../../main/system-clock.ts';
import type { SshAccess } from '../../main/shell/ssh/ssh-access.ts';
import type { Guest, GuestProcess } from './guest/client.ts';

const execute = promisify(execFile);

/** A real sshd in the guest that lets root in, by key. */
export class GuestSsh implements AsyncDisposable {
  readonly #guest: Guest;
  readonly #folder: string;
  readonly #sshd: GuestProcess;

  private constructor(guest: Guest, folder: string, sshd: GuestProcess) {
    this.#guest = guest;
    this.#folder = folder;
    this.#sshd = sshd;
  }

  static async start(guest: Guest): Promise<GuestSsh> {
    const folder = await mkdtemp(path.join(tmpdir(), 'canopus-guest-ssh-'));
    const keyFile = path.join(folder, 'key');
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', keyFile]);
    const publicKey = (await readFile(`${keyFile}.pub`, 'utf8')).trim();
    await guest.must(
      `mkdir -p /run/sshd /run/ssh && cd /run/ssh && rm -f host_key* && ssh-keygen -q -t ed25519 -N '' -f host_key && echo '${publicKey}' > keys`,
    );
    const options = ['HostKey=/run/ssh/host_key', 'AuthorizedKeysFile=/run/ssh/keys', 'StrictModes=no'];
    const settings = [
      ...options,
      'UsePAM=no',
      'PermitRootLogin=yes',
      'PidFile=none',
      'ListenAddress=0.0.0.0:22',
    ];
    const words = settings.map((each) => `-o ${each}`).join(' ');
    const sshd = guest.start(`exec /usr/sbin/sshd -D -e -f /dev/null ${words}`, {
      timeoutMs: 24 * 3_600_000,
    });
    sshd.result.catch(() => undefined);
    await guest.until(
      `python3 -c 'import socket; socket.create_connection(("127.0.0.1", 22), 5).recv(4)'`,
      60_000,
    );
    return new GuestSsh(guest, folder, sshd);
  }

  /** What a command line needs to log in. */
  async options(): Promise<readonly string[]> {
    const fingerprint = await this.#guest.must('ssh-keygen -lf /run/ssh/host_key.pub');
    return [
      ...['--pi', `root@127.0.0.1:${this.#guest.address.sshPort}`, '--key', path.join(this.#folder, 'key')],
      ...['--trust', fingerprint.split(' ')[1] ?? ''],
    ];
  }

  async #logIn(): Promise<SshShell> {
    const access: SshAccess = {
      keyFiles: [path.join(this.#folder, 'key')],
      agent: null,
      sshConfigFile: null,
      knownHostsFiles: [],
      ownKnownHostsFile: path.join(this.#folder, 'known_hosts'),
      homeDirectory: this.#folder,
      localUser: 'root',
      questions: {
        trustHostKey: () => Promise.resolve(true),
        password: () => Promise.resolve(null),
        passphrase: () => Promise.resolve(null),
        prompt: () => Promise.resolve(null),
      },
    };
    const target = { host: '127.0.0.1', port: this.#guest.address.sshPort, user: 'root' };
    return new SshShell(await connectSsh(await resolveDestination(target, access), access));
  }

  /** The guest's devices as an agent of its own login reports them; its login ends with them. */
  async devices(): Promise<PiDevices> {
    const shell = await this.#logIn();
    const client = await AgentClient.open(await startAgentOverSsh(shell), systemClock);
    const devices = new PiDevices({ client, asRoot: null });
    const close = devices[Symbol.asyncDispose].bind(devices);
    devices[Symbol.asyncDispose] = async () => {
      await close();
      await shell[Symbol.asyncDispose]();
    };
    return devices;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sshd.kill('SIGTERM');
    await this.#sshd.result.catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
