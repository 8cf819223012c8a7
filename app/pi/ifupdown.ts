import { applyLineEdits, type LineEdit } from '../printer-config/line-edits.ts';
import { TextLines } from '../printer-config/text-lines.ts';

/** One `iface NAME FAMILY METHOD` of /etc/network/interfaces or a file that it sources (interfaces(5)). */
export interface IfupdownStanza {
  readonly interfaceName: string;
  /** `can`; `inet` in old guides that set the bit rate with a command. */
  readonly family: string;
  /** The line of `iface`. */
  readonly line: number;
  /** The line after its last option. */
  readonly end: number;
  readonly bitrateBps: number | null;
  readonly bitrateLine: number | null;
  /** From a `txqueuelen` in one of its commands. */
  readonly txQueueLength: number | null;
  readonly txQueueLine: number | null;
}

export interface InterfacesFile {
  readonly text: string;
  readonly lines: TextLines;
  readonly stanzas: readonly IfupdownStanza[];
  /** Names after `auto` and `allow-hotplug`, by line. */
  readonly selections: readonly {
    readonly kind: 'auto' | 'hotplug';
    readonly names: readonly string[];
    readonly line: number;
  }[];
  /** Patterns after `source` and `source-directory`. */
  readonly sources: readonly string[];
  /** It has mappings, templates or sources: it is not only about interfaces. */
  readonly foreign: boolean;
}

const stanzaWords = new Set(['iface', 'mapping', 'auto', 'source', 'source-directory', 'rename', 'template']);

/** Reads one file; skips what it does not know. */
export function parseInterfaces(text: string): InterfacesFile {
  const lines = new TextLines(text);
  const stanzas: IfupdownStanza[] = [];
  const selections: { kind: 'auto' | 'hotplug'; names: string[]; line: number }[] = [];
  const sources: string[] = [];
  let foreign = false;
  let open: { -readonly [key in keyof IfupdownStanza]: IfupdownStanza[key] } | null = null;
  for (let line = 0; line < lines.length; line += 1) {
    const words = lines.content(line).trim().split(/\s+/);
    const [first = '', second = ''] = words;
    if (first === '' || first.startsWith('#')) continue;
    const starts = stanzaWords.has(first) || first.startsWith('allow-');
    if (!starts) {
      if (open === null) continue;
      open.end = line + 1;
      if (first === 'bitrate') {
        open.bitrateBps = /^\d+$/.test(second) ? Number(second) : null;
        open.bitrateLine = line;
      }
      const queue = /\btxqueuelen\s+(\d+)/.exec(lines.content(line));
      if (queue) {
        open.txQueueLength = Number(queue[1]);
        open.txQueueLine = line;
      }
      continue;
    }
    open = null;
    if (first === 'iface') {
      open = {
        interfaceName: second,
        family: words[2] ?? '',
        line,
        end: line + 1,
        bitrateBps: null,
        bitrateLine: null,
        txQueueLength: null,
        txQueueLine: null,
      };
      stanzas.push(open);
    } else if (first === 'auto' || first === 'allow-auto' || first === 'allow-hotplug') {
      selections.push({ kind: first === 'allow-hotplug' ? 'hotplug' : 'auto', names: words.slice(1), line });
    } else if (first === 'source' || first === 'source-directory') {
      sources.push(first === 'source' ? second : `${second}/*`);
      foreign = true;
    } else {
      foreign = true;
    }
  }
  return { text, lines, stanzas, selections, sources, foreign };
}

/** True if the file is only about this interface, so that it can be removed as a whole. */
export function isOnlyAbout(file: InterfacesFile, interfaceName: string): boolean {
  return (
    !file.foreign &&
    file.stanzas.every((stanza) => stanza.interfaceName === interfaceName) &&
    file.selections.every(({ names }) => names.every((name) => name === interfaceName))
  );
}

interface IfupdownWish {
  readonly interfaceName: string;
  readonly bitrateBps: number;
  readonly txQueueLength: number;
}

/** A whole file for one interface, in the form that Klipper's documentation gives (CANBUS.md, Host Hardware). */
export function newInterfacesFile({ interfaceName, bitrateBps, txQueueLength }: IfupdownWish): string {
  return `allow-hotplug ${interfaceName}
iface ${interfaceName} can static
    bitrate ${bitrateBps}
    up ip link set $IFACE txqueuelen ${txQueueLength}
`;
}

/** The file with its stanza for the interface corrected to match the wish; every other line stays. */
export function editInterfacesFile(file: InterfacesFile, wish: IfupdownWish): string {
  const stanza = file.stanzas.find(
    (each) => each.interfaceName === wish.interfaceName && each.family === 'can',
  );
  if (stanza === undefined) return file.text;
  const edits: LineEdit[] = [];
  const hotplug = file.selections.some(
    ({ kind, names }) => kind === 'hotplug' && names.includes(wish.interfaceName),
  );
  if (!hotplug) {
    edits.push({ kind: 'insert', line: stanza.line, texts: [`allow-hotplug ${wish.interfaceName}`] });
  }
  const added: string[] = [];
  if (stanza.bitrateLine === null) added.push(`    bitrate ${wish.bitrateBps}`);
  else if (stanza.bitrateBps !== wish.bitrateBps) {
    const text = file.lines.content(stanza.bitrateLine).replace(/(bitrate\s+)\S+/, `$1${wish.bitrateBps}`);
    edits.push({ kind: 'replace', line: stanza.bitrateLine, text });
  }
  if (stanza.txQueueLine === null) added.push(`    up ip link set $IFACE txqueuelen ${wish.txQueueLength}`);
  else if (stanza.txQueueLength !== wish.txQueueLength) {
    // ifconfig, which older guides use here, is often no longer installed.
    const text = file.lines
      .content(stanza.txQueueLine)
      .replace(/(?:\/sbin\/)?ifconfig\s+(\S+)\s+txqueuelen/, 'ip link set $1 txqueuelen')
      .replace(/(txqueuelen\s+)\d+/, `$1${wish.txQueueLength}`);
    edits.push({ kind: 'replace', line: stanza.txQueueLine, text });
  }
  if (added.length > 0) edits.push({ kind: 'insert', line: stanza.end, texts: added });
  return applyLineEdits(file, edits);
}

/** The file with everything about the interface commented out. */
export function withoutInterface(file: InterfacesFile, interfaceName: string): string {
  const lines = new Set<number>();
  for (const { interfaceName: name, line, end } of file.stanzas) {
    if (name !== interfaceName) continue;
    for (let each = line; each < end; each += 1) lines.add(each);
  }
  const edits: LineEdit[] = [];
  for (const { names, line } of file.selections) {
    if (!names.includes(interfaceName)) continue;
    if (names.length === 1) {
      lines.add(line);
      continue;
    }
    const text = file.lines
      .content(line)
      .split(/(\s+)/)
      .filter((word) => word !== interfaceName)
      .join('')
      .trimEnd();
    edits.push({ kind: 'replace', line, text });
  }
  for (const line of lines) {
    const text = file.lines.content(line);
    if (text.trim() !== '' && !text.trim().startsWith('#'))
      edits.push({ kind: 'replace', line, text: `#${text}` });
  }
  return applyLineEdits(file, edits);
}
