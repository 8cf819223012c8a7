import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';

/** A Debian kernel unpacked in a folder; nothing of it is installed on this machine. */
export interface KernelImage {
  readonly version: string;
  readonly vmlinuz: string;
  /** The same without its own unpacking, which costs an emulated processor three seconds of each boot. */
  readonly vmlinux: string;
  /** Holds lib/modules/VERSION with modules.dep, as `modprobe -d` wants it. */
  readonly modulesRoot: string;
}

const metaPackage = 'linux-image-amd64';

/**
 * Downloads and unpacks the kernel behind Debian's `linux-image-amd64`, once: later calls use `cacheDir` and need no
 * network. Needs apt and dpkg, but no privileges.
 */
export async function prepareKernel(cacheDir: string): Promise<KernelImage> {
  const home = path.join(cacheDir, 'image');
  if (!existsSync(home)) {
    await mkdir(cacheDir, { recursive: true });
    const scratch = await mkdtemp(path.join(cacheDir, 'unpack-'));
    try {
      await downloadKernel(scratch);
      await rename(path.join(scratch, 'root'), home);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
  const version = (await readFile(path.join(home, 'version'), 'utf8')).trim();
  const vmlinuz = path.join(home, 'boot', `vmlinuz-${version}`);
  const vmlinux = path.join(home, 'boot', `vmlinux-${version}`);
  if (!existsSync(vmlinux)) await unpackKernel(vmlinuz, vmlinux);
  return { version, vmlinuz, vmlinux, modulesRoot: home };
}

/** Takes the kernel out of its boot image (Linux' Documentation/arch/x86/boot.rst): Debian packs it with xz. */
async function unpackKernel(vmlinuz: string, vmlinux: string): Promise<void> {
  const image = await readFile(vmlinuz);
  const protectedMode = (image.readUInt8(0x1f1) + 1) * 512;
  const start = protectedMode + image.readUInt32LE(0x248);
  // The last four bytes are the size when unpacked.
  const input = image.subarray(start, start + image.readUInt32LE(0x24c) - 4);
  const { stdout } = await execa('xz', ['--decompress', '--stdout'], {
    input,
    encoding: 'buffer',
    maxBuffer: 1 << 28,
  });
  await writeFile(`${vmlinux}.new`, stdout);
  await rename(`${vmlinux}.new`, vmlinux);
}

async function downloadKernel(scratch: string): Promise<void> {
  const { stdout: depends } = await execa('apt-cache', ['depends', '--important', metaPackage]);
  const packageName = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (packageName === undefined) throw new Error(`apt knows no kernel behind ${metaPackage}: ${depends}`);
  await execa('apt-get', ['download', packageName], { cwd: scratch });
  const archive = (await readdir(scratch)).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error(`apt-get download ${packageName} left no file`);
  const root = path.join(scratch, 'root');
  await execa('dpkg', ['-x', path.join(scratch, archive), root]);
  const version = packageName.slice('linux-image-'.length);
  await execa('depmod', ['-b', root, version]);
  await writeFile(path.join(root, 'version'), `${version}\n`);
}

/** What must be in the kernel before the host's file system can be mounted. */
const earlyModules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

/**
 * Packs busybox, `modules` with what they need in loading order, and `initScript` into an initramfs at `target`.
 * It is small (2 MB) and quick, so it is made anew for every boot.
 */
export async function packInitramfs(
  kernel: KernelImage,
  initScript: string,
  target: string,
  modules: readonly string[] = earlyModules,
): Promise<void> {
  const tree = await mkdtemp(path.join(path.dirname(target), 'initramfs-'));
  try {
    await mkdir(path.join(tree, 'bin'));
    await cp('/bin/busybox', path.join(tree, 'bin/busybox'), { dereference: true });
    await cp(initScript, path.join(tree, 'init'));
    await chmod(path.join(tree, 'init'), 0o755);
    const names: string[] = [];
    for (const file of await modulesInOrder(kernel, modules)) {
      names.push(path.basename(file));
      await cp(file, path.join(tree, path.basename(file)));
    }
    await writeFile(path.join(tree, 'modules'), names.join('\n') + '\n');
    await execa('find . | cpio -o -H newc --quiet | gzip -1 > "$TARGET"', {
      shell: true,
      cwd: tree,
      env: { TARGET: target },
    });
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

/** The files of these modules and of all that they need, each once, in loading order. */
export async function modulesInOrder(kernel: KernelImage, modules: readonly string[]): Promise<string[]> {
  const { stdout } = await execa('modprobe', [
    ...['-d', kernel.modulesRoot, '-S', kernel.version, '--show-depends', '-a'],
    ...modules,
  ]);
  const files = stdout.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(files)];
}
