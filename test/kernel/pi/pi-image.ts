import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { withLock } from '../../../main/files/process-lock.ts';
import { modulesInOrder, type KernelImage } from '../guest/kernel-image.ts';

export type PiFlavour = 'ifupdown' | 'networkd';

const here = import.meta.dirname;

/** As few as a Pi can be a Pi with. */
const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'udev', 'kmod', 'iproute2', 'ifupdown'],
  ...['openssh-server', 'sudo', 'python3'],
];

/** What the Pi's kernel loads when a device asks for it; the rest is loaded before the system starts. */
const modules = ['gs_usb', 'can_raw', 'vcan'];

/** How long one test file waits while another makes the images. */
const imageTimeoutMs = 800_000;

/**
 * The disk of a virtual Pi as an ext4 image, made once for each recipe: a Debian of this machine's release by
 * debootstrap, then `customise.sh`. Needs root (or sudo without a password) and a Debian mirror; later calls need
 * neither. Test files run beside each other, and two that made the same system would put one into the other.
 */
export async function preparePiImage(
  cacheDir: string,
  kernel: KernelImage,
  flavour: PiFlavour,
): Promise<string> {
  await mkdir(cacheDir, { recursive: true });
  return withLock(path.join(cacheDir, 'images.lock'), { timeoutMs: imageTimeoutMs }, () =>
    imageOf(cacheDir, kernel, flavour),
  );
}

async function imageOf(cacheDir: string, kernel: KernelImage, flavour: PiFlavour): Promise<string> {
  const recipe = createHash('sha256').update(JSON.stringify([packages, modules, kernel.version, flavour]));
  for (const name of ['customise.sh', 'klippy.py', 'moonraker.py', '../guest/agent.py', 'pi-image.ts']) {
    recipe.update(await readFile(path.join(here, name)));
  }
  const image = path.join(cacheDir, `pi-${flavour}-${recipe.digest('hex').slice(0, 12)}.ext4`);
  if (existsSync(image)) return image;
  const scratch = await mkdtemp(path.join(cacheDir, 'pi-'));
  try {
    const base = await baseSystem(cacheDir);
    const root = path.join(scratch, 'root');
    await asRoot('cp', ['-a', base, root]);
    await asRoot('sh', [path.join(here, 'customise.sh'), root, flavour, here]);
    await addModules(kernel, root, scratch);
    const fresh = path.join(scratch, 'disk');
    await asRoot('mkfs.ext4', ['-q', '-d', root, '-F', fresh, '512M']);
    for (const name of await readdir(cacheDir)) {
      if (name.startsWith(`pi-${flavour}-`)) await rm(path.join(cacheDir, name));
    }
    await rename(fresh, image);
  } finally {
    await asRoot('rm', ['-rf', '--one-file-system', scratch]);
  }
  return image;
}

/** A Debian with the packages and nothing else, shared by the flavours. */
async function baseSystem(cacheDir: string): Promise<string> {
  const release =
    /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  const name = createHash('sha256')
    .update(JSON.stringify([release, packages]))
    .digest('hex')
    .slice(0, 12);
  const base = path.join(cacheDir, `debian-${name}`);
  if (existsSync(base)) return base;
  const scratch = await mkdtemp(path.join(cacheDir, 'debootstrap-'));
  try {
    const root = path.join(scratch, 'root');
    const options = ['--variant=minbase', `--include=${packages.join(',')}`, release, root];
    await asRoot('debootstrap', [...options, 'http://deb.debian.org/debian']);
    // Two thirds of it is for people, and for installing more.
    const needless = ['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/info'];
    const stale = ['var/cache/apt/archives', 'var/lib/apt/lists', 'var/log/bootstrap.log'];
    await asRoot('rm', ['-rf', ...[...needless, ...stale].map((each) => path.join(root, each))]);
    await asRoot('mv', [root, base]);
  } finally {
    await asRoot('rm', ['-rf', '--one-file-system', scratch]);
  }
  return base;
}

async function addModules(kernel: KernelImage, root: string, scratch: string): Promise<void> {
  const tree = path.join(scratch, 'modules');
  const own = path.join('lib/modules', kernel.version);
  for (const file of await modulesInOrder(kernel, modules)) {
    await cp(file, path.join(tree, path.relative(kernel.modulesRoot, file)), { recursive: true });
  }
  for (const list of ['modules.builtin', 'modules.order', 'modules.builtin.modinfo']) {
    await cp(path.join(kernel.modulesRoot, own, list), path.join(tree, own, list));
  }
  await execa('depmod', ['-b', tree, kernel.version]);
  await asRoot('mkdir', ['-p', path.join(root, 'lib/modules')]);
  await asRoot('cp', ['-r', path.join(tree, own), path.join(root, 'lib/modules')]);
}

async function asRoot(program: string, args: readonly string[]): Promise<void> {
  const env = {
    PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
    DEBIAN_FRONTEND: 'noninteractive',
    LC_ALL: 'C',
  };
  if (process.getuid?.() === 0) await execa(program, args, { env });
  else await execa('sudo', ['-n', 'env', `PATH=${env.PATH}`, program, ...args], { env });
}
