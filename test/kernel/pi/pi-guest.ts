import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { Guest } from '../guest/client.ts';
import { packInitramfs, prepareKernel } from '../guest/kernel-image.ts';
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
  /** Which port of this machine stands behind the Pi's Moonraker. */
  setMoonrakerPort(port: number): Promise<void>;
  /** Restarts the system and waits until it is up again. */
  reboot(): Promise<void>;
}

const agentPort = 7000;
const bootTimeoutMs = 240_000;
const earlyModules = ['virtio_pci', 'virtio_blk', 'ext4'];

/** Boots a Pi of that flavour. What it writes is gone when it is disposed of; a reboot keeps it. */
export async function startPiGuest(cacheDir: string, flavour: PiFlavour): Promise<PiGuest> {
  const kernel = await prepareKernel(path.join(cacheDir, 'kernel'));
  const image = await preparePiImage(path.join(cacheDir, 'pi'), kernel, flavour);
  const runDir = await mkdtemp(path.join(cacheDir, 'pi-run-'));
  const shareDir = path.join(runDir, 'share');
  await mkdir(shareDir);
  const initramfs = path.join(runDir, 'initrd.gz');
  await packInitramfs(kernel, path.join(import.meta.dirname, 'initramfs-init.sh'), initramfs, earlyModules);
  const token = randomBytes(16).toString('hex');
  await writeFile(path.join(shareDir, 'token'), token, { mode: 0o600 });
  const [agent, sshd] = [await freePort(), await freePort()];
  const consoleLog = path.join(cacheDir, `pi-${flavour}-console.log`);
  const qemu = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'qemu-system-x86_64', '-accel', 'tcg,thread=multi', '-cpu', 'Haswell-noTSX'],
      ...['-m', '768', '-smp', '1', '-nographic', '-kernel', kernel.vmlinuz, '-initrd', initramfs],
      ...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off net.ifnames=0 systemd.show_status=0'],
      ...['-drive', `file=${image},format=raw,if=virtio,snapshot=on`],
      ...['-virtfs', `local,path=${shareDir},mount_tag=share,security_model=none,multidevs=remap`],
      ...[
        '-netdev',
        `user,id=net,hostfwd=tcp:127.0.0.1:${agent}-:${agentPort},hostfwd=tcp:127.0.0.1:${sshd}-:22`,
      ],
      ...['-device', 'virtio-net-pci,netdev=net,romfile='],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: runDir } },
  );
  const boots = new BootWatch(qemu, consoleLog);
  async function dispose(): Promise<void> {
    if (qemu.exitCode === null && qemu.signalCode === null) {
      const exit = once(qemu, 'exit');
      // Nothing on its disk is kept, so there is nothing to shut down in order.
      qemu.kill('SIGKILL');
      await exit;
    }
    await rm(runDir, { recursive: true, force: true });
  }
  try {
    await boots.next();
  } catch (error) {
    await dispose();
    throw error;
  }
  const guest = new Guest({ port: agent, token, shareDir, consoleLog });
  return {
    guest,
    ssh: { host: '127.0.0.1', port: sshd, user: 'pi', password: 'raspberry' },
    setMoonrakerPort: (port) => writeFile(path.join(shareDir, 'moonraker-port'), String(port)),
    async reboot() {
      const up = boots.next();
      await guest.run('systemctl reboot').catch(() => undefined);
      await up;
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Waits for the agent's word on the console, once for each boot. */
class BootWatch {
  readonly #qemu: ChildProcess;
  #tail = '';
  #wake: () => void = () => undefined;

  constructor(qemu: ChildProcess, consoleLog: string) {
    this.#qemu = qemu;
    const log = createWriteStream(consoleLog);
    for (const stream of [qemu.stdout, qemu.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        log.write(chunk);
        this.#tail = (this.#tail + chunk.toString('latin1')).slice(-8000);
        if (this.#tail.includes('agent: ready')) {
          this.#tail = '';
          this.#wake();
        }
      });
    }
    qemu.once('close', () => log.end());
  }

  async next(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      this.#qemu.once('error', reject);
      this.#qemu.once('exit', (code, signal) =>
        reject(new Error(`QEMU ended (${code ?? signal}):\n${this.#tail}`)),
      );
      timer = setTimeout(() => {
        reject(new Error(`The Pi was not up within ${bootTimeoutMs / 1000} s:\n${this.#tail}`));
      }, bootTimeoutMs);
    }).finally(() => clearTimeout(timer));
  }
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
