import type { MountFacts, PiFacts, RoomFacts } from './facts.ts';
import type { PlanBlocker } from './plan-types.ts';

/** proc(5): blanks in a path are written as octal numbers. */
export function parseMounts(lines: readonly string[]): MountFacts[] {
  return lines.flatMap((line) => {
    const [, point, type, options] = line.split(' ');
    if (point === undefined || type === undefined || options === undefined) return [];
    const plain = point.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    return [{ point: plain, type, options: options.split(',') }];
  });
}

/** Lines of folder, free KiB, number of inodes and free ones, separated by tabs. */
export function parseRoom(lines: readonly string[]): RoomFacts[] {
  return lines.map((line) => {
    const [folder = '', ...numbers] = line.split('\t');
    const [freeKiB, inodes, freeInodes] = numbers.map((each) => (/^\d+$/.test(each) ? Number(each) : null));
    return {
      folder,
      freeKiB: freeKiB ?? null,
      freeInodes: (inodes ?? 0) === 0 ? null : (freeInodes ?? null),
    };
  });
}

/** The last of the mounts over a path is what it lies on. */
function mountOf(mounts: readonly MountFacts[], path: string): MountFacts | null {
  const over = mounts.filter(({ point }) => point === '/' || path === point || path.startsWith(`${point}/`));
  const longest = over.reduce((length, { point }) => Math.max(length, point.length), 0);
  return over.findLast(({ point }) => point.length === longest) ?? null;
}

const inMemory = new Set(['tmpfs', 'ramfs', 'rootfs']);

/** Whether a change of a path survives the next boot; null if unknown. */
function isKept({ mounts, bootOptions }: PiFacts, mount: MountFacts): boolean | null {
  if (inMemory.has(mount.type)) return false;
  if (mount.type !== 'overlay' && mount.type !== 'overlayfs' && mount.type !== 'aufs') return true;
  // raspi-config's older script (boot=overlay) and the package overlayroot, which raspi-config uses today.
  const inRam = bootOptions.some((each) => each === 'boot=overlay' || /^overlayroot=tmpfs\b/.test(each));
  if (inRam) return false;
  const upper = mount.options.find((each) => each.startsWith('upperdir='))?.slice('upperdir='.length);
  const below = mountOf(
    mounts.filter(({ point }) => point !== mount.point && point !== '/'),
    upper ?? '/',
  );
  // The upper folder may lie where only the early boot could see it.
  return below === null ? null : !inMemory.has(below.type);
}

/** What is wrong with where a path lies; null if nothing is, or nothing is known. */
export function storageTrouble(facts: PiFacts, path: string): PlanBlocker | null {
  const mount = mountOf(facts.mounts, path.slice(facts.root.length));
  if (mount === null) return null;
  if (isKept(facts, mount) === false) {
    const text = `${mount.point} is an overlay in memory: a change of ${path} would be gone after the next boot`;
    return { code: 'pi/not-kept', text };
  }
  if (mount.options.includes('ro')) {
    return {
      code: 'pi/read-only',
      text: `${mount.point} is mounted read-only, so ${path} cannot be changed`,
    };
  }
  return null;
}

/** True if the root is an overlay that may or may not keep changes. */
export function mayForget(facts: PiFacts): boolean {
  const root = mountOf(facts.mounts, '/');
  return root !== null && isKept(facts, root) === null;
}

/** A journal with its contents, backups and a margin. */
const neededKiB = 2048;
const neededInodes = 16;

/** Folders without room, in words. */
export function fullDisks({ room, root }: Pick<PiFacts, 'room' | 'root'>): string[] {
  return room.flatMap(({ folder, freeKiB, freeInodes }) => {
    const name = folder.slice(root.length) || '/';
    if (freeKiB !== null && freeKiB < neededKiB) return [`${name} has ${freeKiB} KiB left`];
    if (freeInodes !== null && freeInodes < neededInodes)
      return [`${name} has room for ${freeInodes} more files only`];
    return [];
  });
}
