import { parseIpLinks, parseUsbLine, type CanInterface, type UsbDeviceOnPi } from './can-interface.ts';
import {
  gsUsbStates,
  sudoAbilities,
  type JournalFacts,
  type KlipperInstance,
  type MoonrakerFacts,
  type PiFacts,
  type PiFile,
  type SourceTree,
  type UnitFacts,
} from './facts.ts';
import {
  assignmentsOf,
  decodeBase64,
  linesOf,
  partOf,
  partsOf,
  type PiReport,
  type ReportPart,
} from './report.ts';

const defaultMoonrakerPort = 7125;

/**
 * What a report says. Never fails: what is missing or makes no sense becomes null or empty, because a Pi may be
 * anything that answers to SSH.
 */
export function parseFacts(report: PiReport): PiFacts {
  const body = (name: string): string | null => {
    const text = partOf(report, name)?.body.trim();
    return text === undefined || text === '' ? null : text;
  };
  const lines = (name: string): string[] => linesOf(partOf(report, name));
  const [userId = '', user = '', groups = '', home = ''] = lines('user');
  const [hostName = null, kernel = null, machine = null] = lines('host');
  const os = assignmentsOf(lines('os'));
  const systemd = /^systemd (\d+)/.exec(body('systemd') ?? '')?.[1];
  const usb = lines('usb').flatMap((line) => parseUsbLine(line) ?? []);
  const files = parseFiles(report);
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
    bootId: body('boot-id'),
    systemd: systemd === undefined ? null : Number(systemd),
    tools: new Set(lines('tools')),
    units: parseUnits(body('units') ?? ''),
    gsUsb: oneOf(body('gs-usb'), gsUsbStates, 'missing'),
    interfaces: withDevices(parseIpLinks(body('links') ?? ''), lines('can-devices'), usb),
    usb,
    files,
    folders: new Set(lines('folders')),
    klipper: klipperInstances(report),
    klipperTree: sourceTree(partOf(report, 'klipper-tree')),
    katapultTree: sourceTree(partOf(report, 'katapult-tree')),
    moonraker: moonraker(report),
    sudo: oneOf(body('sudo'), sudoAbilities, 'none'),
    pythonCan: lines('python-can'),
    journals: partsOf(report, 'journal').map(parseJournal),
  };
}

function oneOf<T extends string>(text: string | null, known: readonly T[], otherwise: T): T {
  return known.find((each) => each === text) ?? otherwise;
}

function parseFiles(report: PiReport): Map<string, PiFile> {
  const files = new Map<string, PiFile>();
  for (const part of report.parts) {
    if (part.name !== 'network' && part.name !== 'config' && part.name !== 'moonraker') continue;
    const match = /^(\d+) ([0-7]+) (\S+) (\S+) (yes|no)$/.exec(part.argument);
    const first = part.body.indexOf('\n');
    const second = part.body.indexOf('\n', first + 1);
    if (!match || first < 0) continue;
    const [, size, mode, owner, group, replaceable] = match;
    const path = part.body.slice(0, first);
    const end = second < 0 ? part.body.length : second;
    const bytes = decodeBase64(part.body.slice(end));
    // A file that grew or shrank while it was read is not what anybody should plan with.
    if (bytes.length !== Number(size)) continue;
    files.set(path, {
      path,
      realPath: part.body.slice(first + 1, end),
      bytes,
      mode: Number.parseInt(mode ?? '644', 8),
      owner: owner ?? '',
      group: group ?? '',
      replaceable: replaceable === 'yes',
    });
  }
  return files;
}

/** Blocks of `Name=value` lines with an empty line between them. */
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

/** Which driver an interface has and which USB device it sits on; a device's interface is called `1-1.2:1.0`. */
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
  return interfaces.map((each) => {
    const { driver = '', device = '' } = told.get(each.name) ?? {};
    const busPort = device.split(':')[0];
    return {
      ...each,
      driver: driver === '' ? null : driver,
      usb: usb.find((candidate) => candidate.busPort === busPort) ?? null,
    };
  });
}

function klipperInstances(report: PiReport): KlipperInstance[] {
  const running = partsOf(report, 'process').flatMap((part): KlipperInstance[] => {
    const words = part.body.split('\n');
    const program = words.findIndex((word) => word === 'klippy.py' || word.endsWith('/klippy.py'));
    const pid = Number(part.argument.split(' ')[0]);
    if (program < 0 || !(words[0] ?? '').includes('python')) return [];
    const rest = words.slice(program + 1);
    const configPath = rest.find((word) => word.startsWith('/') && word.endsWith('.cfg'));
    if (configPath === undefined) return [];
    const socket = rest[rest.indexOf('-a') + 1];
    const unit = partsOf(report, 'unit').find((each) => each.argument === String(pid));
    return [
      {
        pid,
        configPath,
        unit: linesOf(unit ?? null)[0] ?? null,
        apiSocket: rest.includes('-a') && socket?.startsWith('/') ? socket : null,
      },
    ];
  });
  if (running.length > 0) return running;
  return linesOf(partOf(report, 'main')).map((configPath) => ({
    pid: null,
    configPath,
    unit: null,
    apiSocket: null,
  }));
}

function sourceTree(part: ReportPart | null): SourceTree | null {
  if (part === null) return null;
  const [commit = '', version = null] = linesOf(part);
  return { path: part.argument, commit: /^[0-9a-f]{40}$/.test(commit) ? commit : null, version };
}

/** Moonraker's port is in `[server]` of its own configuration, which has the shape of Klipper's. */
function moonraker(report: PiReport): MoonrakerFacts | null {
  const running = partsOf(report, 'process').some((part) => {
    const words = part.body.split('\n');
    return (words[0] ?? '').includes('python') && words.some((word) => /(^|\/)moonraker(\.py)?$/.test(word));
  });
  const file = partOf(report, 'moonraker');
  if (file === null && !running) return null;
  const base64 = file?.body.split('\n').slice(2).join('') ?? '';
  const text = new TextDecoder().decode(decodeBase64(base64));
  const server = /^\[server\][^\S\n]*\n((?:(?!\[).*\n?)*)/m.exec(text)?.[1] ?? '';
  const port = Number(/^port\s*[:=]\s*(\d+)/m.exec(server)?.[1] ?? defaultMoonrakerPort);
  return { port: port > 0 && port < 65536 ? port : defaultMoonrakerPort, running };
}

function parseJournal(part: ReportPart): JournalFacts {
  const space = part.argument.indexOf(' ');
  return {
    id: space < 0 ? part.argument : part.argument.slice(0, space),
    state: space < 0 ? '' : part.argument.slice(space + 1).trim(),
    text: part.body,
  };
}
