import { CanopusError } from '../errors.ts';
import {
  parseIpLinks,
  parseSysInterface,
  parseUsbLine,
  type CanInterface,
  type UsbDeviceOnPi,
} from './can-interface.ts';
import {
  gsUsbStates,
  sudoAbilities,
  type JournalFacts,
  type PiFacts,
  type PiFile,
  type SourceTree,
  type UnitFacts,
  type UnreadFile,
} from './facts.ts';
import { plainPath } from '../printer-config/config-glob.ts';
import { findPrinters } from './printers.ts';
import { parseMounts, parseRoom } from './storage.ts';
import {
  assignmentsOf,
  decodeBase64,
  linesOf,
  partOf,
  partsOf,
  type PiReport,
  type ReportPart,
} from './report.ts';

/** More mounts, USB devices or interfaces than any Pi has. What is here is copied between threads, and shown. */
const maxListed = 10_000;
/** Each is asked, through a connection of its own. */
const maxPrinters = 100;

/**
 * Parses a report. Missing or invalid parts become null or empty, because a Pi may be anything with an SSH server. Throws
 * `pi/bad-report` for a list longer than any Pi has.
 */
export function parseFacts(report: PiReport, nowMs: number = Date.now()): PiFacts {
  const body = (name: string): string | null => {
    const text = partOf(report, name)?.body.trim();
    return text === undefined || text === '' ? null : text;
  };
  const bounded = <T>(name: string, list: readonly T[], max = maxListed): readonly T[] => {
    if (list.length <= max) return list;
    const message = `the report names ${list.length} ${name}, more than any Pi has`;
    throw new CanopusError('pi/bad-report', message, { length: list.length });
  };
  const lines = (name: string): readonly string[] => bounded(name, linesOf(partOf(report, name)));
  const [userId = '', user = '', groups = '', home = ''] = lines('user');
  const [hostName = null, kernel = null, machine = null] = lines('host');
  const os = assignmentsOf(lines('os'));
  const systemd = /^systemd (\d+)/.exec(body('systemd') ?? '')?.[1];
  const usb = lines('usb').flatMap((line) => parseUsbLine(line) ?? []);
  const { files, unread } = parseFiles(report);
  const links = body('links') ?? '';
  const { printers, moonrakers } = findPrinters(report, { files, unread }, home);
  return {
    root: partOf(report, 'root')?.argument ?? '',
    user,
    userId: /^\d+$/.test(userId) ? Number(userId) : -1,
    groups: groups.split(' ').filter((group) => group !== ''),
    home,
    hostName,
    os: os.get('PRETTY_NAME') ?? null,
    osVersion: os.get('VERSION_ID') ?? null,
    model: body('model'),
    kernel,
    machine,
    wordBits: integer(body('word-bits')),
    clockSkewSeconds: clockSkew(integer(body('clock')), nowMs),
    mounts: parseMounts(lines('mounts')),
    room: parseRoom(lines('room')),
    bootOptions: (body('boot-options') ?? '').split(/\s+/).filter((each) => each !== ''),
    ipJson: links.startsWith('['),
    bootId: body('boot-id'),
    systemd: systemd === undefined ? null : Number(systemd),
    tools: new Set(lines('tools')),
    units: parseUnits(body('units') ?? ''),
    gsUsb: oneOf(body('gs-usb'), gsUsbStates, 'missing'),
    interfaces: withDevices(
      links.startsWith('[')
        ? bounded('interfaces', parseIpLinks(links))
        : lines('can-devices').map(parseSysInterface),
      lines('can-devices'),
      usb,
    ),
    udev: new Map(
      partsOf(report, 'udev').map((part) => [part.argument, assignmentsOf(linesOf(part))] as const),
    ),
    usb,
    files,
    crontab: lines('crontab'),
    unread,
    absentScripts: new Set(lines('absent').map(plainPath)),
    gitTrees: lines('git-trees'),
    folders: new Set(lines('folders')),
    printers: bounded('printers', printers, maxPrinters),
    moonrakers: bounded('Moonrakers', moonrakers, maxPrinters),
    hostSoftware: oneOf(body('host-software'), ['klipper', 'kalico'], 'klipper'),
    klipperTree: sourceTree(partOf(report, 'klipper-tree')),
    katapultTree: sourceTree(partOf(report, 'katapult-tree')),
    sudo: oneOf(body('sudo'), sudoAbilities, 'none'),
    pythonCan: lines('python-can'),
    journals: partsOf(report, 'journal').map(parseJournal),
  };
}

function integer(text: string | null): number | null {
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

function clockSkew(seconds: number | null, nowMs: number): number | null {
  return seconds === null ? null : Math.round(seconds - nowMs / 1000);
}

function oneOf<T extends string>(text: string | null, known: readonly T[], otherwise: T): T {
  return known.find((each) => each === text) ?? otherwise;
}

/** What root has read for the user. */
export interface RootFiles {
  /** In the order in which they were found. */
  readonly files: readonly PiFile[];
  /** Files and folders that were looked into: what is not among the files is not about CAN. */
  readonly opened: ReadonlySet<string>;
  readonly unread: ReadonlyMap<string, UnreadFile>;
  readonly units: ReadonlyMap<string, UnitFacts>;
}

/** Parses the report of `rootFilesScript`. */
export function parseRootFiles(report: PiReport): RootFiles {
  const { files, unread } = parseFiles(report);
  return {
    // Replaceable is what the user may replace, and root is not the user.
    files: [...files.values()].map((file) => ({ ...file, replaceable: false })),
    opened: new Set(partsOf(report, 'opened').flatMap((part) => linesOf(part))),
    unread,
    units: parseUnits(partOf(report, 'units')?.body ?? ''),
  };
}

const fileParts: ReadonlySet<string> = new Set(['network', 'config', 'moonraker']);
const whyUnread = ['not-readable', 'too-large', 'folder', 'dangling', 'no-file'] as const;

function parseFiles(report: PiReport): { files: Map<string, PiFile>; unread: Map<string, UnreadFile> } {
  const files = new Map<string, PiFile>();
  const unread = new Map<string, UnreadFile>();
  const byRealPath = new Map<string, PiFile>();
  for (const { name, argument, body } of report.parts) {
    const [path = '', realPath = '', owner = '', group = ''] = body.split('\n', 4);
    if (name === 'unread') {
      const [kind = '', why = ''] = argument.split(' ');
      // Folders of drop-ins are beside the files of systemd; an include can never be a folder.
      if (kind === 'network' && why === 'folder') continue;
      unread.set(path, { path, realPath, why: oneOf(why, whyUnread, 'not-readable') });
    } else if (name === 'same') {
      const first = byRealPath.get(realPath);
      if (first !== undefined) files.set(path, { ...first, path });
    } else if (fileParts.has(name)) {
      const match = /^(\d+) ([0-7]+) (yes|no)$/.exec(argument);
      if (!match) continue;
      const [, size, mode = '644', replaceable] = match;
      const bytes = decodeBase64(body.slice(path.length + realPath.length + owner.length + group.length + 4));
      if (bytes.length !== Number(size)) {
        unread.set(path, { path, realPath, why: 'changing' });
        continue;
      }
      const ownership = { mode: Number.parseInt(mode, 8), owner, group, replaceable: replaceable === 'yes' };
      const file = { path, realPath, bytes, ...ownership };
      byRealPath.set(realPath, file);
      files.set(path, file);
    }
  }
  return { files, unread };
}

/** Blocks of `Name=value` lines, separated by empty lines. */
function parseUnits(text: string): Map<string, UnitFacts> {
  const units = new Map<string, UnitFacts>();
  for (const block of text.split(/\n\s*\n/)) {
    const values = assignmentsOf(block.split('\n'));
    const name = values.get('Id');
    if (name === undefined) continue;
    const load = values.get('LoadState');
    const state = values.get('UnitFileState') ?? '';
    units.set(name, {
      name,
      exists: load === 'loaded' || load === 'masked',
      active: values.get('ActiveState') === 'active',
      enabled: load === 'masked' ? 'masked' : state === '' ? null : state,
    });
  }
  return units;
}

/** The driver of an interface and its USB device; a device's interface is called `1-1.2:1.0`. */
function withDevices(
  interfaces: readonly CanInterface[],
  lines: readonly string[],
  usb: readonly UsbDeviceOnPi[],
): CanInterface[] {
  const told = new Map(
    lines.map((line) => {
      const [name = '', driver = '', device = ''] = line.split('\t');
      return [name, { driver, device }] as const;
    }),
  );
  const byPort = new Map(usb.map((each) => [each.busPort, each]));
  return interfaces.map((each) => {
    const { driver = '', device = '' } = told.get(each.name) ?? {};
    const busPort = device.split(':')[0] ?? '';
    return {
      ...each,
      driver: driver === '' ? null : driver,
      usb: byPort.get(busPort) ?? null,
    };
  });
}

function sourceTree(part: ReportPart | null): SourceTree | null {
  if (part === null) return null;
  const [commit = '', version = null] = linesOf(part);
  return { path: part.argument, commit: /^[0-9a-f]{40}$/.test(commit) ? commit : null, version };
}

function parseJournal(part: ReportPart): JournalFacts {
  const space = part.argument.indexOf(' ');
  return {
    id: space < 0 ? part.argument : part.argument.slice(0, space),
    state: space < 0 ? '' : part.argument.slice(space + 1).trim(),
    text: part.body,
  };
}
