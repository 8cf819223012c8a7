import { applyLineEdits, type LineEdit } from '../printer-config/line-edits.ts';
import { withQueueLength } from './can-commands.ts';
import { matchesWildcard } from '../wildcard.ts';
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
  /** Names, or patterns like `/can*`, after `auto`, `allow-hotplug` and the like, by line. */
  readonly selections: readonly {
    readonly kind: 'auto' | 'hotplug' | 'other';
    readonly names: readonly string[];
    readonly line: number;
  }[];
  /** Patterns after `source`, folders after `source-directory`. */
  readonly sources: readonly { readonly kind: 'files' | 'folder'; readonly path: string }[];
  /** It has mappings, templates or sources: it is not only about interfaces. */
  readonly foreign: boolean;
}

const stanzaWords = new Set([
  ...['iface', 'mapping', 'auto', 'source', 'source-directory', 'rename', 'template'],
  ...['no-auto-down', 'no-scripts'],
]);

/** Reads one file; skips what it does not know. A line that ends with a backslash goes on in the next one. */
export function parseInterfaces(text: string): InterfacesFile {
  const lines = new TextLines(text);
  const stanzas: IfupdownStanza[] = [];
  const selections: { kind: 'auto' | 'hotplug' | 'other'; names: string[]; line: number }[] = [];
  const sources: { kind: 'files' | 'folder'; path: string }[] = [];
  let foreign = false;
  let open: OpenStanza | null = null;
  let goesOn = false;
  for (let line = 0; line < lines.length; line += 1) {
    const content = lines.content(line);
    const isRest = goesOn;
    goesOn = !content.trim().startsWith('#') && content.endsWith('\\');
    const words = content.replace(/\\$/, '').trim().split(/\s+/);
    const [first = '', second = ''] = words;
    if (isRest) {
      // What goes on after "auto" are names.
      if (open === null) selections.push({ ...(selections.at(-1) ?? { kind: 'other' }), names: words, line });
      else readOption(open, line, content, [first, second]);
      continue;
    }
    if (first === '' || first.startsWith('#')) continue;
    const starts = stanzaWords.has(first) || first.startsWith('allow-');
    if (!starts) {
      if (open !== null) readOption(open, line, content, [first, second]);
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
    } else if (first === 'auto' || first.startsWith('allow-') || first.startsWith('no-')) {
      const kind =
        first === 'allow-hotplug' ? 'hotplug' : first === 'auto' || first === 'allow-auto' ? 'auto' : 'other';
      selections.push({ kind, names: words.slice(1), line });
    } else if (first === 'source' || first === 'source-directory') {
      sources.push({ kind: first === 'source' ? 'files' : 'folder', path: second });
      foreign = true;
    } else {
      foreign = true;
    }
  }
  return { text, lines, stanzas, selections, sources, foreign };
}

type OpenStanza = { -readonly [key in keyof IfupdownStanza]: IfupdownStanza[key] };

function readOption(
  open: OpenStanza,
  line: number,
  content: string,
  [first, second]: readonly [string, string],
): void {
  open.end = line + 1;
  if (first === 'bitrate') {
    open.bitrateBps = /^\d+$/.test(second) ? Number(second) : null;
    open.bitrateLine = line;
  }
  const queue = /\b(?:txqueuelen|txqlen|qlen)\s+(\d+)/.exec(content);
  if (queue) {
    open.txQueueLength = Number(queue[1]);
    open.txQueueLine = line;
  }
}

/** Whether a line selects the interface by its name or a pattern (interfaces(5), PATTERN MATCHING INTERFACES). */
export function selects(names: readonly string[], interfaceName: string): boolean {
  return names.some((name) => {
    const pattern = name.split('=')[0] ?? '';
    return pattern.startsWith('/')
      ? matchesWildcard(interfaceName, pattern.split('/')[1] ?? '', { sets: true })
      : pattern === interfaceName;
  });
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
  // ifupdown runs all stanzas of an interface, one after the other.
  const stanzas = file.stanzas.filter(
    (each) => each.interfaceName === wish.interfaceName && each.family === 'can',
  );
  const [first] = stanzas;
  if (first === undefined) return file.text;
  const edits = stanzas.flatMap((stanza) => stanzaEdits(file, stanza, wish));
  const hotplug = file.selections.some(
    ({ kind, names }) => kind === 'hotplug' && selects(names, wish.interfaceName),
  );
  if (!hotplug) {
    edits.push({ kind: 'insert', line: first.line, texts: [`allow-hotplug ${wish.interfaceName}`] });
  }
  return applyLineEdits(file, edits);
}

function stanzaEdits(file: InterfacesFile, stanza: IfupdownStanza, wish: IfupdownWish): LineEdit[] {
  const edits: LineEdit[] = [];
  const added: string[] = [];
  if (stanza.bitrateLine === null) added.push(`    bitrate ${wish.bitrateBps}`);
  else if (stanza.bitrateBps !== wish.bitrateBps) {
    const text = file.lines.content(stanza.bitrateLine).replace(/(bitrate\s+)\S+/, `$1${wish.bitrateBps}`);
    edits.push({ kind: 'replace', line: stanza.bitrateLine, text });
  }
  if (stanza.txQueueLine === null) added.push(`    up ip link set $IFACE txqueuelen ${wish.txQueueLength}`);
  else if (stanza.txQueueLength !== wish.txQueueLength) {
    const text = withQueueLength(file.lines.content(stanza.txQueueLine), wish.txQueueLength);
    edits.push({ kind: 'replace', line: stanza.txQueueLine, text });
  }
  if (added.length > 0) edits.push({ kind: 'insert', line: stanza.end, texts: added });
  return edits;
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
