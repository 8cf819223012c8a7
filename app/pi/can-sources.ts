import { joinPath, matchesGlob } from '../printer-config/config-glob.ts';
import { canDevice, type CanDevice } from './can-device.ts';
import { canScripts, crontabLines, type CanScript } from './can-scripts.ts';
import { canUnits, type CanUnit, type ComesBack } from './can-units.ts';
import type { PiFacts, PiFile } from './facts.ts';
import { parseInterfaces, selects, type IfupdownStanza, type InterfacesFile } from './ifupdown.ts';
import {
  makesInterface,
  readLinkFile,
  readNetworkFile,
  type LinkFile,
  type NetworkFile,
} from './networkd.ts';
import { networkUnits } from './network-units.ts';
import { baseName, filesIn, systemFile, textOf } from './pi-files.ts';
import { udevRules, type UdevRule } from './udev-rules.ts';

/** A file that configures a CAN interface, in the terms of its kind. */
export type CanSource =
  | {
      readonly kind: 'ifupdown';
      readonly file: PiFile;
      readonly parsed: InterfacesFile;
      readonly stanza: IfupdownStanza;
      /** False if /etc/network/interfaces does not read this file. */
      readonly read: boolean;
      readonly comesBack: ComesBack;
    }
  | {
      readonly kind: 'networkd';
      readonly file: PiFile;
      readonly parsed: NetworkFile;
      /** Another file comes first, or it may be that this one does not fit. */
      readonly isFirst: boolean;
    }
  | { readonly kind: 'link'; readonly file: PiFile; readonly parsed: LinkFile; readonly isFirst: boolean }
  /** Makes a virtual interface of that name. */
  | { readonly kind: 'netdev'; readonly file: PiFile }
  | { readonly kind: 'queue-rule'; readonly file: PiFile; readonly values: readonly number[] }
  /** udev rules that run something that brings it up. */
  | { readonly kind: 'run-rule'; readonly file: PiFile; readonly rules: readonly UdevRule[] }
  | ({ readonly kind: 'unit' } & CanUnit)
  | ({ readonly kind: 'script' } & CanScript)
  /** Lines of the user's own table of cron. */
  | { readonly kind: 'crontab'; readonly user: string; readonly lines: readonly string[] };

/** The wishes by which the interface is known. */
export interface WhichInterface {
  readonly interfaceName: string;
  readonly pinToUsbSerial: string | null;
}

/** Everything that configures, or tries to configure, the interface, in a fixed order. */
export function canSources(facts: PiFacts, which: WhichInterface): CanSource[] {
  const device = canDevice(facts, which);
  const { interfaceName } = which;
  const { sources: rules, wanted } = ruleSources(facts, device);
  const scripts = canScripts(facts, interfaceName);
  const units = canUnits(facts, interfaceName, { scripts: scripts.map(({ file }) => file), wanted });
  const crontab = crontabLines(facts, interfaceName);
  return [
    ...ifupdownSources(facts, interfaceName),
    ...networkSources(facts, device),
    ...linkSources(facts, device),
    ...networkUnits(facts, 'netdev').flatMap((unit): CanSource[] =>
      makesInterface(unit, interfaceName) ? [{ kind: 'netdev', file: unit.parts[0].file }] : [],
    ),
    ...rules,
    ...units.map((unit): CanSource => ({ kind: 'unit', ...unit })),
    ...scripts.map((script): CanSource => ({ kind: 'script', ...script })),
    ...(crontab.length === 0 ? [] : [{ kind: 'crontab', user: facts.user, lines: crontab } as const]),
  ];
}

/** The files of ifupdown: its own, and all that were found because it sources them. */
function interfacesFiles(facts: PiFacts): { file: PiFile; parsed: InterfacesFile; read: boolean }[] {
  const main = systemFile(facts, '/etc/network/interfaces');
  const others = [...facts.files.values()].filter(({ path }) => {
    const plain = path.slice(facts.root.length);
    return /^\/etc\/network\/(?!if-)[^/]+\/[^/]+$/.test(plain) || isReadBy(facts, plain, main);
  });
  const files = [...(main === null ? [] : [main]), ...others.sort((a, b) => (a.path < b.path ? -1 : 1))];
  const read = new Set<PiFile>();
  const follow = (file: PiFile): void => {
    if (read.has(file)) return;
    read.add(file);
    for (const each of files) if (isReadBy(facts, each.path.slice(facts.root.length), file)) follow(each);
  };
  if (main !== null) follow(main);
  return files.map((file) => ({ file, parsed: parseInterfaces(textOf(file)), read: read.has(file) }));
}

/** A path is sourced by that file (interfaces(5), INCLUDING OTHER FILES). */
function isReadBy(facts: PiFacts, path: string, by: PiFile | null): boolean {
  if (by === null) return false;
  const folder = by.path.slice(facts.root.length, by.path.lastIndexOf('/'));
  return parseInterfaces(textOf(by)).sources.some(({ kind, path: named }) => {
    const whole = joinPath(folder, named);
    if (kind === 'files') return matchesGlob(path, whole);
    // As run-parts does: a name with a dot is not read.
    return matchesGlob(path, `${whole}/*`) && /^[A-Za-z0-9_-]+$/.test(baseName(path));
  });
}

function ifupdownSources(facts: PiFacts, interfaceName: string): CanSource[] {
  const files = interfacesFiles(facts);
  const isSelected = (kind: 'auto' | 'hotplug'): boolean =>
    files.some(
      ({ parsed, read }) =>
        read && parsed.selections.some((each) => each.kind === kind && selects(each.names, interfaceName)),
    );
  const comesBack = isSelected('hotplug') ? 'always' : isSelected('auto') ? 'boot' : 'never';
  return files.flatMap(({ file, parsed, read }): CanSource[] => {
    const own = parsed.stanzas.filter((each) => each.interfaceName === interfaceName);
    const stanza = own.find(({ family }) => family === 'can') ?? own[0];
    return stanza === undefined ? [] : [{ kind: 'ifupdown', file, parsed, stanza, read, comesBack }];
  });
}

function networkSources(facts: PiFacts, device: CanDevice): CanSource[] {
  const fitting = networkUnits(facts, 'network')
    .map((unit) => readNetworkFile(unit, device, facts.hostName))
    .filter(({ fits }) => fits !== 'no');
  const first = fitting.find(({ fits }) => fits === 'yes');
  return fitting.flatMap((parsed): CanSource[] =>
    parsed.aboutCan
      ? [{ kind: 'networkd', file: parsed.unit.parts[0].file, parsed, isFirst: parsed === first }]
      : [],
  );
}

/** The .link files that may count for the device, first the one that does. */
export function linkFiles(facts: PiFacts, device: CanDevice): LinkFile[] {
  return networkUnits(facts, 'link')
    .map((unit) => readLinkFile(unit, device, facts.hostName))
    .filter(({ fits }) => fits !== 'no');
}

function linkSources(facts: PiFacts, device: CanDevice): CanSource[] {
  const fitting = linkFiles(facts, device);
  const first = fitting.find(({ fits }) => fits === 'yes');
  return fitting.flatMap((parsed): CanSource[] =>
    parsed.aboutCan && (parsed.txQueueLength !== null || parsed.name !== null)
      ? [{ kind: 'link', file: parsed.unit.parts[0].file, parsed, isFirst: parsed === first }]
      : [],
  );
}

const rulesFolders = [
  '/etc/udev/rules.d',
  '/run/udev/rules.d',
  '/usr/local/lib/udev/rules.d',
  '/usr/lib/udev/rules.d',
  '/lib/udev/rules.d',
];

/** The files of udev's rules in the order in which they count; of those with the same name the first folder's. */
export function rulesFiles(facts: PiFacts): PiFile[] {
  const byName = new Map<string, PiFile>();
  for (const folder of rulesFolders) {
    for (const file of filesIn(facts, folder)) {
      const name = baseName(file.path);
      if (name.endsWith('.rules') && !byName.has(name)) byName.set(name, file);
    }
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
}

function ruleSources(facts: PiFacts, device: CanDevice): { sources: CanSource[]; wanted: string[] } {
  const sources: CanSource[] = [];
  const wanted: string[] = [];
  for (const file of rulesFiles(facts)) {
    const rules = udevRules(textOf(file), device);
    wanted.push(...rules.flatMap((rule) => rule.wants));
    const values = rules.flatMap(({ txQueueLength, runs }) => [
      ...(txQueueLength === null ? [] : [txQueueLength]),
      ...runs.flatMap(({ command }) => command?.txQueueLength ?? []),
    ]);
    if (values.length > 0) sources.push({ kind: 'queue-rule', file, values });
    const running = rules.filter(({ runs }) => runs.some(({ command }) => command?.bringsUp !== false));
    if (running.length > 0) sources.push({ kind: 'run-rule', file, rules: running });
  }
  return { sources, wanted };
}
