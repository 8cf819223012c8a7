import { decodeConfigText } from '../printer-config/config-text.ts';
import { joinPath, matchesGlob } from '../printer-config/config-glob.ts';
import type { PiFacts, PiFile } from './facts.ts';
import { parseInterfaces, type IfupdownStanza, type InterfacesFile } from './ifupdown.ts';
import { parseNetworkFile, queueRules, type NetworkFile } from './networkd.ts';

/** A file that configures a CAN interface, in the terms of its kind. */
export type CanSource =
  | {
      readonly kind: 'ifupdown';
      readonly file: PiFile;
      readonly parsed: InterfacesFile;
      readonly stanza: IfupdownStanza;
      /** False if /etc/network/interfaces does not read this file. */
      readonly read: boolean;
    }
  | { readonly kind: 'networkd'; readonly file: PiFile; readonly parsed: NetworkFile }
  | { readonly kind: 'queue-rule'; readonly file: PiFile; readonly values: readonly number[] }
  | { readonly kind: 'unit'; readonly file: PiFile; readonly name: string }
  /** rc.local, a hook script, cron: lines that name the interface. */
  | { readonly kind: 'script'; readonly file: PiFile; readonly lines: readonly number[] };

export function textOf(file: PiFile): string {
  return decodeConfigText(file.bytes).text;
}

/** The path below the system's root; `null` if the file does not exist or may not be read. */
export function systemFile(facts: PiFacts, path: string): PiFile | null {
  return facts.files.get(facts.root + path) ?? null;
}

function below(facts: PiFacts, folder: string): PiFile[] {
  const prefix = `${facts.root}${folder}/`;
  return [...facts.files.values()].filter(
    ({ path }) => path.startsWith(prefix) && !path.slice(prefix.length).includes('/'),
  );
}

/** True if ifupdown reads the file: /etc/network/interfaces itself and what it sources. */
function isSourced(facts: PiFacts, file: PiFile): boolean {
  const path = file.path.slice(facts.root.length);
  if (path === '/etc/network/interfaces') return true;
  const main = systemFile(facts, '/etc/network/interfaces');
  if (main === null) return false;
  return parseInterfaces(textOf(main)).sources.some((pattern) =>
    matchesGlob(path, joinPath('/etc/network', pattern)),
  );
}

/** Everything that configures, or tries to configure, the interface, in a fixed order. */
export function canSources(facts: PiFacts, interfaceName: string): CanSource[] {
  const sources: CanSource[] = [];
  const interfaces = systemFile(facts, '/etc/network/interfaces');
  for (const file of [
    ...(interfaces === null ? [] : [interfaces]),
    ...below(facts, '/etc/network/interfaces.d'),
  ]) {
    const parsed = parseInterfaces(textOf(file));
    const stanza = parsed.stanzas.find((each) => each.interfaceName === interfaceName);
    if (stanza) sources.push({ kind: 'ifupdown', file, parsed, stanza, read: isSourced(facts, file) });
  }
  for (const file of networkFiles(facts)) {
    const parsed = parseNetworkFile(textOf(file), interfaceName);
    if (parsed.matches && parsed.aboutCan) sources.push({ kind: 'networkd', file, parsed });
  }
  for (const file of below(facts, '/etc/udev/rules.d')) {
    const values = queueRules(textOf(file)).map(({ value }) => value);
    if (values.length > 0) sources.push({ kind: 'queue-rule', file, values });
  }
  const brings = new RegExp(
    `\\b(?:ip\\s+link|ifconfig|ifup|slcand|canconfig)\\b.*\\b${escape(interfaceName)}\\b`,
  );
  for (const file of below(facts, '/etc/systemd/system')) {
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const starts = textOf(file)
      .split('\n')
      .some((line) => /^\s*Exec/.test(line) && brings.test(line));
    if (starts) sources.push({ kind: 'unit', file, name });
  }
  const rc = systemFile(facts, '/etc/rc.local');
  const folders = [
    '/etc/network/if-up.d',
    '/etc/network/if-pre-up.d',
    '/etc/cron.d',
    '/etc/NetworkManager/dispatcher.d',
  ];
  for (const file of [...(rc === null ? [] : [rc]), ...folders.flatMap((folder) => below(facts, folder))]) {
    const lines = textOf(file)
      .split('\n')
      .flatMap((line, number) => (!line.trim().startsWith('#') && brings.test(line) ? [number] : []));
    if (lines.length > 0) sources.push({ kind: 'script', file, lines });
  }
  return sources;
}

/** .network files in the order in which systemd-networkd tries them: by name, whatever the folder. */
export function networkFiles(facts: PiFacts): PiFile[] {
  const name = ({ path }: PiFile): string => path.slice(path.lastIndexOf('/') + 1);
  const own = below(facts, '/etc/systemd/network');
  const taken = new Set(own.map(name));
  const runtime = below(facts, '/run/systemd/network').filter((file) => !taken.has(name(file)));
  return [...own, ...runtime]
    .filter(({ path }) => path.endsWith('.network'))
    .sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
