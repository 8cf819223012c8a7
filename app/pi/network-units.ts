import type { PiFacts, PiFile, UnreadFile } from './facts.ts';
import { textOf } from './pi-files.ts';
import {
  parseUnitFile,
  withoutUnitValue,
  withUnitValue,
  type UnitEntry,
  type UnitFile,
} from './unit-file.ts';

/** Where systemd looks for .link, .network and .netdev files: of those with the same name the first one applies. */
const folders = [
  '/etc/systemd/network',
  '/run/systemd/network',
  '/usr/local/lib/systemd/network',
  '/usr/lib/systemd/network',
  '/lib/systemd/network',
];

interface UnitPart {
  readonly file: PiFile;
  readonly unit: UnitFile;
}

/** A file of systemd with its drop-ins, in the order in which they are read. */
export interface NetworkUnit {
  /** The name that it is sorted by: `25-can.network`. */
  readonly name: string;
  readonly parts: readonly [UnitPart, ...UnitPart[]];
  readonly entries: readonly UnitEntry[];
}

type Extension = 'link' | 'network' | 'netdev';

/** The files that count, in the order in which systemd tries them: by name, whatever the folder. Masked ones do not. */
export function networkUnits(facts: PiFacts, extension: Extension): NetworkUnit[] {
  const units: NetworkUnit[] = [];
  // udevd, which reads the others, is root.
  const reads = extension === 'link' ? () => true : isReadByNetworkd;
  for (const [name, file] of firstByName(facts, '', `.${extension}`)) {
    if (file === null || !reads(file)) continue;
    const dropIns = [...firstByName(facts, `/${name}.d`, '.conf').values()].flatMap((each) =>
      each !== null && reads(each) ? [each] : [],
    );
    const parts: [UnitPart, ...UnitPart[]] = [partOf(file), ...dropIns.map(partOf)];
    units.push({ name, parts, entries: parts.flatMap(({ unit }) => unit.entries) });
  }
  return units.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * systemd-networkd runs as a user of its own (systemd-networkd.service, `User=systemd-network`): a file that only root may
 * read has its name, and no effect.
 */
function isReadByNetworkd({ mode, owner, group }: PiFile): boolean {
  const own = 'systemd-network';
  return (
    (mode & 0o004) !== 0 || (group === own && (mode & 0o040) !== 0) || (owner === own && (mode & 0o400) !== 0)
  );
}

/** Files about CAN, by their name or content, that systemd-networkd may not read. */
export function deafNetworkFiles(facts: PiFacts): PiFile[] {
  return [...firstByName(facts, '', '.network').values()].flatMap((file) =>
    file !== null && !isReadByNetworkd(file) && /\bcan/i.test(`${file.path} ${textOf(file)}`) ? [file] : [],
  );
}

const partOf = (file: PiFile): UnitPart => ({ file, unit: parseUnitFile(textOf(file)) });

/** By name, sorted; null for a mask: an empty file or a link to /dev/null. */
function firstByName(facts: PiFacts, below: string, end: string): Map<string, PiFile | null> {
  const found = new Map<string, PiFile | null>();
  for (const folder of folders) {
    const prefix = `${facts.root}${folder}${below}/`;
    const take = (path: string, file: PiFile | null): void => {
      const name = path.slice(prefix.length);
      if (!path.startsWith(prefix) || name.includes('/') || !name.endsWith(end)) return;
      if (!found.has(name)) found.set(name, file);
    };
    for (const file of facts.files.values()) take(file.path, file.bytes.length === 0 ? null : file);
    for (const { path, realPath } of facts.unread.values()) if (realPath === '/dev/null') take(path, null);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Files that exist, may configure a CAN interface, and cannot be read: all of a network's, and what has CAN in its name.
 * Units of others are their own.
 */
export function hiddenNetworkFiles(facts: PiFacts): UnreadFile[] {
  return [...facts.unread.values()].filter(({ path, why }) => {
    if (why !== 'not-readable' && why !== 'too-large') return false;
    const plain = path.slice(facts.root.length);
    return /^\/etc\/(?:systemd\/network|network)\//.test(plain) || isNamedCan(plain) || isHiding(plain);
  });
}

/** A folder that every plan has to know the files of. */
export function isHiding(path: string): boolean {
  return /^\/etc\/(?:systemd\/network|network|network\/interfaces\.d|udev\/rules\.d|systemd\/system)$/.test(
    path,
  );
}

/** By its name a file about CAN. */
export function isNamedCan(path: string): boolean {
  return /^\/(?:etc|run)\/.*can[^/]*$/.test(path);
}

/** The last value of a key; null if it has none. */
export function lastValue(unit: NetworkUnit, section: string, key: string): string | null {
  const value = unit.entries.findLast((each) => each.section === section && each.key === key)?.value ?? '';
  return value === '' ? null : value;
}

/** A changed file: where a plan writes, and its text. */
export interface ChangedFile {
  readonly path: string;
  readonly text: string;
}

/** Edits the parts of a unit. What a package or the running system brought stays: a copy in /etc replaces it. */
export class NetworkUnitEdit {
  readonly #root: string;
  readonly #parts: { file: PiFile; unit: UnitFile }[];

  constructor(root: string, { parts }: NetworkUnit) {
    this.#root = root;
    this.#parts = [...parts];
  }

  /** Sets a key in the file whose value applies now, or else in the main one. */
  set(section: string, key: string, value: string): void {
    const has = ({ unit }: UnitPart): boolean =>
      unit.entries.some((each) => each.section === section && each.key === key);
    const at = Math.max(0, this.#parts.findLastIndex(has));
    this.#change(at, (unit) => withUnitValue(unit, section, key, value));
  }

  commentOut(section: string, key: string): void {
    for (const at of this.#parts.keys()) this.#change(at, (unit) => withoutUnitValue(unit, section, key));
  }

  get changed(): ChangedFile[] {
    return this.#parts.flatMap(({ file, unit }) =>
      unit.text === textOf(file) ? [] : [{ path: overriding(this.#root, file.path), text: unit.text }],
    );
  }

  #change(at: number, edit: (unit: UnitFile) => string): void {
    const part = this.#parts[at];
    if (part !== undefined) this.#parts[at] = { file: part.file, unit: parseUnitFile(edit(part.unit)) };
  }
}

/** The path in /etc that replaces a file of systemd-networkd or udev elsewhere. */
export function overriding(root: string, path: string): string {
  const plain = path.slice(root.length);
  const tail = /\/(systemd\/network|udev\/rules\.d)\/.*$/.exec(plain)?.[0];
  return tail === undefined ? path : `${root}/etc${tail}`;
}
