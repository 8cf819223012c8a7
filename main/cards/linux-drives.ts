import { readFile, realpath, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Drive } from './card-drives.ts';

/** One line of /proc/self/mountinfo (Linux, Documentation/filesystems/proc.rst, section 3.5). */
interface Mount {
  /** `8:17` */
  readonly deviceNumber: string;
  readonly path: string;
  readonly fileSystem: string;
  /** `/dev/sdb1` */
  readonly source: string;
  readonly isReadOnly: boolean;
}

/** Folders of which a disk is none that may be written: this computer runs from it. */
const systemFolders = /^\/(?:$|(?:boot|efi|etc|nix|usr|var)(?:\/|$)|(?:home|opt|root|srv|tmp)$)/;

/**
 * Mounted drives of Linux. Removable is a USB disk whose medium can be taken out (`removable`, Linux,
 * Documentation/ABI/stable/sysfs-block) and an SD card (`type`, which is MMC for soldered memory; the kernel calls no
 * card of an MMC reader removable), but no disk that this computer runs from, as a Pi does from its card.
 */
export async function listLinuxDrives(root: string): Promise<readonly Drive[]> {
  const mounts = parseMounts(await readFile(join(root, 'proc/self/mountinfo'), 'utf8'));
  const found = await Promise.all(mounts.map((mount) => diskOf(root, mount)));
  const running = new Set(
    found.filter((each) => each !== null && systemFolders.test(each.mount.path)).map((each) => each?.disk),
  );
  const seen = new Set<string>();
  const drives: Drive[] = [];
  for (const each of found) {
    // The same partition at a second place.
    if (each === null || seen.has(each.mount.deviceNumber)) continue;
    seen.add(each.mount.deviceNumber);
    drives.push(await driveOf(each, !running.has(each.disk)));
  }
  return drives;
}

/** Lines of whole file systems only: a bind mount of a folder is none. */
export function parseMounts(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line): Mount[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , deviceNumber = '', rootFolder, path = '', options = ''] = before.split(' ');
    const [fileSystem = '', source = '', superOptions = ''] = after.split(' ');
    if (rootFolder !== '/' || !/^\d+:\d+$/.test(deviceNumber) || path === '') return [];
    const isReadOnly = [options, superOptions].some((each) => each.split(',').includes('ro'));
    return [{ deviceNumber, path: unescaped(path), fileSystem, source: unescaped(source), isReadOnly }];
  });
}

/** Space, tab, newline and backslash are written in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

interface OnDisk {
  readonly mount: Mount;
  /** The folder of the whole disk in sysfs. */
  readonly disk: string;
}

/** Null for file systems without a disk: proc, tmpfs, a network drive. */
async function diskOf(root: string, mount: Mount): Promise<OnDisk | null> {
  try {
    const folder = await realpath(join(root, 'sys/dev/block', mount.deviceNumber));
    const isPartition = (await readWord(join(folder, 'partition'))) !== null;
    return { mount, disk: isPartition ? dirname(folder) : folder };
  } catch {
    return null;
  }
}

async function driveOf({ mount, disk }: OnDisk, isApart: boolean): Promise<Drive> {
  const { path, deviceNumber, fileSystem, source, isReadOnly } = mount;
  const isUsb = /\/usb\d+\//.test(disk) && (await readWord(join(disk, 'removable'))) === '1';
  const isSd = /\/mmc_host\//.test(disk) && (await readWord(join(disk, 'device/type'))) === 'SD';
  const isLocked = (await readWord(join(disk, 'ro'))) === '1';
  const sectors = Number((await readWord(join(disk, 'size'))) ?? Number.NaN);
  const space = await statfs(path).catch(() => null);
  return {
    id: [deviceNumber, Number.isNaN(sectors) ? '' : sectors, space?.blocks ?? '', path].join(' '),
    path,
    label: basename(path),
    fileSystem,
    totalBytes: space === null ? null : space.blocks * space.bsize,
    freeBytes: space === null ? null : space.bavail * space.bsize,
    isReadOnly: isReadOnly || isLocked,
    isVirtual: false,
    isRemovable: isApart && (isUsb || isSd),
    device: source,
  };
}

/** Null if there is no such file: not every disk has all of them. */
async function readWord(path: string): Promise<string | null> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => null,
  );
}
