import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import { Guest } from '../guest/client.ts';
import { packInitramfs, prepareKernel, type KernelImage } from '../guest/kernel-image.ts';
import { preparePiImage, type PiFlavour } from './pi-image.ts';

/** A Debian with systemd in QEMU that takes itself for a printer's Pi. */
export interface PiGuest extends AsyncDisposable {
  /** The tests' own hand in it, as root; the station does not know of it. */
  readonly guest: Guest;
  readonly ssh: {
    readonly host: '127.0.0.1';
    readonly port: number;
    readonly user: 'pi';
    readonly password: 'raspberry';
  };
  /** Which port of this machine stands behind the Moonraker of a printer of the Pi. */
  setMoonrakerPort(port: number, printer?: 'printer' | 'printer_2'): Promise<void>;
  /** Restarts the system and waits until it is up again. */
  reboot(): Promise<void>;
}

const agentPort = 7000;
const bootTimeoutMs = 420_000;
/** All that the Pi starts with. What only starts when a device is plugged in is left to its udev. */
const earlyModules = [
  ...['virtio_pci', 'virtio_blk', 'ext4', 'virtio_net', '9pnet_virtio', '9p'],
  ...['vhci_hcd', 'can_raw'],
];
/** Debian's kernel, without what an emulated processor would spend seconds on. */
const kernelParameters = [
  ...['console=ttyS0', 'quiet', 'panic=-1', 'net.ifnames=0', 'systemd.show_status=0'],
  ...['mitigations=off', 'nokaslr', 'audit=0', 'tsc=reliable', 'no_timer_check', 'cryptomgr.notests'],
  'rcupdate.rcu_expedited=1',
];

/** Builds what a Pi of that flavour boots from, where it is not there yet. Not for two flavours at once. */
export async function preparePi(
  cacheDir: string,
  flavour: PiFlavour,
): Promise<{ kernel: KernelImage; image: string }> {
  const kernel = await prepareKernel(path.join(cacheDir, 'kernel'));
  return { kernel, image: await preparePiImage(path.join(cacheDir, 'pi'), kernel, flavour) };
}

/** Boots a Pi of that flavour. What it writes is gone when it is disposed of; a reboot keeps it. */
export async function startPiGuest(cacheDir: string, flavour: PiFlavour): Promise<PiGuest> {
  const { kernel, image } = await preparePi(cacheDir, flavour);
  const runDir = await mkdtemp(path.join(cacheDir, 'pi-run-'));
  const shareDir = path.join(runDir, 'share');
  await mkdir(shareDir);
  const initramfs = path.join(runDir, 'initrd.gz');
  await packInitramfs(kernel, path.join(import.meta.dirname, 'initramfs-init.sh'), initramfs, earlyModules);
  const token = randomBytes(16).toString('hex');
  await writeFile(path.join(shareDir, 'token'), token, { mode: 0o600 });
  const [agent, sshd] = [await freePort(), await freePort()];
  const consoleLog = path.join(cacheDir, `pi-${flavour}-console.log`);
  const disk = path.join(runDir, 'disk');
  await execa('cp', ['--sparse=always', '--reflink=auto', image, disk]);
  const log = createWriteStream(consoleLog);
  const machine = [
    ...['--pdeathsig', 'KILL', 'qemu-system-x86_64', '-accel', 'tcg,thread=multi'],
    // The oldest that has what Debian's file system asks for: newer instructions are slower to emulate.
    ...['-cpu', 'Nehalem', '-smp', '1', '-m', '512', '-nographic', '-no-reboot'],
    ...['-kernel', kernel.vmlinux, '-initrd', initramfs, '-append', kernelParameters.join(' ')],
    // What the guest has flushed is in this machine's page cache, which is enough: nothing outlives the test.
    ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe`],
    ...['-virtfs', `local,path=${shareDir},mount_tag=share,security_model=none,multidevs=remap`],
    '-netdev',
    `user,id=net,hostfwd=tcp:127.0.0.1:${agent}-:${agentPort},hostfwd=tcp:127.0.0.1:${sshd}-:22`,
    ...['-device', 'virtio-net-pci,netdev=net,romfile='],
  ];
  const boot = async (): Promise<ChildProcess> => {
    const qemu = spawn('setpriv', machine, { stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      await agentReady(qemu, log);
    } catch (error) {
      await end(qemu);
      throw error;
    }
    return qemu;
  };
  const dispose = async (qemu: ChildProcess | null): Promise<void> => {
    // Nothing on its disk is kept, so there is nothing to shut down in order.
    if (qemu !== null) await end(qemu);
    log.end();
    await rm(runDir, { recursive: true, force: true });
  };
  let running: ChildProcess;
  try {
    running = await boot();
  } catch (error) {
    await dispose(null);
    throw error;
  }
  const guest = new Guest({ port: agent, sshPort: sshd, token, shareDir, consoleLog });
  return {
    guest,
    ssh: { host: '127.0.0.1', port: sshd, user: 'pi', password: 'raspberry' },
    setMoonrakerPort: (port, printer = 'printer') => {
      const name = printer === 'printer' ? 'moonraker-port' : 'moonraker-2-port';
      return writeFile(path.join(shareDir, name), String(port));
    },
    async reboot() {
      const off = once(running, 'exit');
      await guest.run('systemctl reboot').catch(() => undefined);
      await off;
      // A new machine for each boot: QEMU's emulation is slow after a reset of the same one.
      running = await boot();
    },
    [Symbol.asyncDispose]: () => dispose(running),
  };
}

/** Ends a machine as a power cut does. */
async function end(qemu: ChildProcess): Promise<void> {
  if (qemu.exitCode !== null || qemu.signalCode !== null) return;
  const exit = once(qemu, 'exit');
  qemu.kill('SIGKILL');
  await exit;
}

/** Waits for the agent's word on the console. */
async function agentReady(qemu: ChildProcess, log: WriteStream): Promise<void> {
  let tail = '';
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve, reject) => {
    for (const stream of [qemu.stdout, qemu.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log.write(chunk);
        tail = (tail + chunk.toString('latin1')).slice(-8000);
        if (tail.includes('agent: ready')) resolve();
      });
    }
    qemu.once('error', reject);
    qemu.once('exit', (code, signal) => reject(new Error(`QEMU ended (${code ?? signal}):\n${tail}`)));
    timer = setTimeout(() => {
      reject(new Error(`The Pi was not up within ${bootTimeoutMs / 1000} s:\n${tail}`));
    }, bootTimeoutMs);
  }).finally(() => clearTimeout(timer));
}

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
