import { constants } from 'node:fs';
import { access, copyFile, readdir, readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { udevRuleName } from '../../app/doctor/check-drivers.ts';
import { examineHost } from '../../app/doctor/examine-host.ts';
import type { HostCheck } from '../../app/doctor/host-check.ts';
import type { BoardAccess, HostFacts, UdevFacts } from '../../app/doctor/host-facts.ts';
import type { Surface } from '../../app/errors/error-row.ts';
import type { Board } from '../../app/boards/board.ts';
import { hostPlatform } from '../devices/native-errors.ts';
import { resourcesDirectory } from '../resources.ts';
import type { DataFolders } from './data-folders.ts';
import { makeFolder } from '../files/make-folder.ts';

export interface HostDoctorOptions {
  readonly folders: DataFolders;
  readonly boards: () => readonly Board[];
  /** Windows: whether its own list of devices can be read. */
  readonly readsDeviceTree?: () => Promise<boolean>;
  /** Throws or returns null if this system cannot build. */
  readonly toolchain: (signal?: AbortSignal) => Promise<HostFacts['toolchain']>;
  readonly secrets: HostFacts['secrets'];
  /** Where the results are read. */
  readonly surface: Surface;
  /** `/` except in tests. */
  readonly root?: string;
  readonly platform?: HostFacts['platform'];
}

/** Examines this computer and returns the findings; changes nothing. */
export async function runHostDoctor(
  options: HostDoctorOptions,
  signal?: AbortSignal,
): Promise<readonly HostCheck[]> {
  const { folders, root = '/', platform = hostPlatform } = options;
  const isLinux = platform === 'linux';
  const facts: HostFacts = {
    platform,
    hasUsb: isLinux ? await isThere(join(root, 'sys/bus/usb')) : null,
    udev: isLinux ? await lookAtRules(root, folders.data) : null,
    modemManagerRuns: isLinux ? await runs(root, 'ModemManager') : null,
    boards: options.boards().flatMap(boardAccess),
    deviceTree: platform === 'win32' ? ((await options.readsDeviceTree?.()) ?? null) : null,
    toolchain: platform === 'win32' ? null : await options.toolchain(signal).catch(() => null),
    data: { folder: folders.data, isWritable: await isWritable(folders.data) },
    cache: { folder: folders.cache, freeBytes: await freeBytes(folders.cache) },
    secrets: options.secrets,
  };
  return examineHost(facts, options.surface);
}

/** Mice and disks do not matter. */
function boardAccess({ place, mode, access: allowed, driver, foreign, product }: Board): BoardAccess[] {
  const isOfInterest = place !== null && (mode !== 'unknown' || foreign !== null);
  return isOfInterest ? [{ place, mode, access: allowed, driver, foreign, product }] : [];
}

/**
 * Where udev reads rules from; the first folder with a name hides that name in the others (man udev, "RULES FILES").
 */
const ruleFolders = ['etc/udev/rules.d', 'run/udev/rules.d', 'usr/lib/udev/rules.d', 'lib/udev/rules.d'];

async function lookAtRules(root: string, dataFolder: string): Promise<UdevFacts> {
  const own = join(resourcesDirectory(), 'udev', udevRuleName);
  const wanted = await readFile(own, 'utf8');
  for (const folder of ruleFolders) {
    const path = join(root, folder, udevRuleName);
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text !== null) return { ruleFile: own, installed: { path, isCurrent: text === wanted } };
  }
  return { ruleFile: await readableByRoot(own, dataFolder), installed: null };
}

/** An AppImage is mounted for its user alone: not even root can read it. */
async function readableByRoot(file: string, dataFolder: string): Promise<string> {
  if (process.env['APPIMAGE'] === undefined) return file;
  const copy = join(dataFolder, udevRuleName);
  await makeFolder(dataFolder);
  await copyFile(file, copy);
  return copy;
}

async function runs(root: string, name: string): Promise<boolean> {
  const processes = await readdir(join(root, 'proc')).catch(() => []);
  for (const id of processes) {
    if (!/^\d+$/.test(id)) continue;
    // A process may have ended since the folder was listed.
    const command = await readFile(join(root, 'proc', id, 'comm'), 'utf8').catch(() => '');
    if (command.trim() === name) return true;
  }
  return false;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A missing folder can be made if the first existing folder above it is writable. */
async function isWritable(folder: string): Promise<boolean> {
  return access(await existing(folder), constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function freeBytes(folder: string): Promise<number | null> {
  return statfs(await existing(folder)).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => null,
  );
}

async function existing(folder: string): Promise<string> {
  let path = folder;
  while (!(await isThere(path)) && join(path, '..') !== path) path = join(path, '..');
  return path;
}
