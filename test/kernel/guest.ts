import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { Guest, type GuestAddress } from './guest/client.ts';
import { packInitramfs, prepareKernel } from './guest/kernel-image.ts';

export interface GuestOptions {
  /** Keeps the unpacked kernel between runs and the console log of the last one. */
  readonly cacheDir: string;
  /** Of the console log, to distinguish guests that run at the same time. */
  readonly name?: string;
  /** How long the boot may take; about 15 s on an idle machine. */
  readonly bootTimeoutMs?: number;
}

/** A running guest. Only `address` crosses process boundaries: `new Guest(address)` works in any of them. */
export interface BootedGuest {
  readonly address: GuestAddress;
  readonly guest: Guest;
  /** Powers the guest off, by force where it does not obey, and removes what it left behind. */
  stop(): Promise<void>;
}

const here = import.meta.dirname;
const agentPort = 7000;

/**
 * Boots a stock Debian kernel in QEMU, in plain emulation, with this machine's own root as its root (read-only,
 * below a tmpfs). Needs no privileges. The guest dies with the process that started it, however that ends.
 * Throws with the end of the console log when it does not come up.
 */
export async function startGuest(options: GuestOptions): Promise<BootedGuest> {
  const kernel = await prepareKernel(options.cacheDir);
  const runDir = await mkdtemp(path.join(options.cacheDir, 'run-'));
  const shareDir = path.join(runDir, 'share');
  await mkdir(shareDir);
  const initramfs = path.join(runDir, 'initrd.gz');
  await packInitramfs(kernel, path.join(here, 'guest/initramfs-init.sh'), initramfs);

  const address: GuestAddress = {
    port: await freePort(),
    sshPort: await freePort(),
    token: randomBytes(16).toString('hex'),
    shareDir,
    consoleLog: path.join(options.cacheDir, `${options.name ?? 'guest'}-console.log`),
  };
  // Not on a command line, which other users of this machine could read.
  await writeFile(path.join(shareDir, 'token'), address.token, { mode: 0o600 });
  const parameters = {
    CANOPUS_START: path.join(here, 'guest/start.sh'),
    CANOPUS_MODULES: path.join(kernel.modulesRoot, 'lib/modules', kernel.version),
    CANOPUS_ROOT: path.join(here, '../..'),
    CANOPUS_NODE: path.dirname(process.execPath),
  };
  const qemu = spawnQemu([
    ...['-kernel', kernel.vmlinuz, '-initrd', initramfs, '-append'],
    [
      'console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0',
      ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`),
    ].join(' '),
    '-virtfs',
    'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap',
    '-virtfs',
    `local,path=${shareDir},mount_tag=share,security_model=none,multidevs=remap`,
    '-netdev',
    `user,id=net,hostfwd=tcp:127.0.0.1:${address.port}-:${agentPort},hostfwd=tcp:127.0.0.1:${address.sshPort}-:22`,
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
  ]);
  const stop = async () => {
    await endQemu(qemu, new Guest(address));
    await rm(runDir, { recursive: true, force: true });
  };
  try {
    await agentReady(qemu, address.consoleLog, options.bootTimeoutMs ?? 180_000);
  } catch (error) {
    qemu.kill('SIGKILL');
    await rm(runDir, { recursive: true, force: true });
    throw error;
  }
  return { address, guest: new Guest(address), stop };
}

function spawnQemu(machine: readonly string[]): ChildProcess {
  const qemu = [
    'qemu-system-x86_64',
    // Never KVM: it hung where it was tried, and most build machines have none. One processor: emulated ones spend
    // more on waking each other than they save, and the virtual boards need one of this machine's, too.
    ...['-accel', 'tcg,thread=multi', '-cpu', 'Haswell-noTSX', '-m', '3072', '-smp', '1'],
    ...['-nographic', '-no-reboot', ...machine],
  ];
  // The kernel of this machine ends QEMU when this process dies, even by SIGKILL.
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...qemu], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function agentReady(qemu: ChildProcess, consoleLog: string, timeoutMs: number): Promise<void> {
  const log = createWriteStream(consoleLog);
  let tail = '';
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      log.write(chunk);
      tail = (tail + chunk.toString('latin1')).slice(-8000);
      if (tail.includes('agent: ready')) resolve();
    };
    qemu.stdout?.on('data', onData);
    qemu.stderr?.on('data', onData);
    qemu.once('error', reject);
    qemu.once('exit', (code, signal) => {
      reject(new Error(`QEMU ended (${code ?? signal}) before the guest was up:\n${tail}`));
    });
    qemu.once('close', () => log.end());
    timer = setTimeout(() => {
      reject(new Error(`The guest was not up within ${timeoutMs / 1000} s:\n${tail}`));
    }, timeoutMs);
  }).finally(() => {
    clearTimeout(timer);
  });
}

async function endQemu(qemu: ChildProcess, guest: Guest): Promise<void> {
  if (qemu.exitCode !== null || qemu.signalCode !== null) return;
  const exit = once(qemu, 'exit');
  const timer = setTimeout(() => qemu.kill('SIGKILL'), 10_000);
  await guest.powerOff().catch(() => qemu.kill('SIGKILL'));
  await exit;
  clearTimeout(timer);
}

/** A port that was free just now. QEMU refuses to start, with a message, should another program take it first. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return address.port;
}
