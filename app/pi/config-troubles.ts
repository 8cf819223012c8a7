import type { ConfigFile, ConfigProblem } from '../printer-config/config-file.ts';
import { plainPath } from '../printer-config/config-glob.ts';
import {
  optionValue,
  sectionNames,
  type ConfigTree,
  type IncludeProblem,
} from '../printer-config/config-tree.ts';
import { canbusSections, serialOptions } from '../printer-config/set-canbus.ts';
import type { PiFacts } from './facts.ts';

export interface ConfigTrouble {
  /** One sentence without its full stop. */
  readonly text: string;
  /** `stops`: Klipper does not start. `hides`: a part could not be read here. `note`: Klipper starts. */
  readonly kind: 'stops' | 'hides' | 'note';
}

/**
 * The problems of a configuration, for the doctor and for a plan: first those that keep Klipper from starting.
 * Klipper's rules: klippy/configfile.py and, for boards, klippy/mcu.py and klippy/extras/canbus_ids.py.
 */
export function configTroubles(facts: PiFacts, tree: ConfigTree): ConfigTrouble[] {
  const troubles = [
    ...tree.files.flatMap((file) => notUtf8(facts, file)),
    ...tree.problems.map(includeTrouble),
    ...tree.files.flatMap((file) => absentScripts(facts, file)),
    ...tree.statements.flatMap(({ file, statement }) =>
      statement.kind === 'problem' ? [lineTrouble(facts, file, statement)] : [],
    ),
  ];
  const rank = { stops: 0, hides: 1, note: 2 };
  return troubles.toSorted((a, b) => rank[a.kind] - rank[b.kind]);
}

/** Klipper opens its files as UTF-8 and rejects the whole file at the first invalid byte. */
function notUtf8(facts: PiFacts, { path }: ConfigFile): ConfigTrouble[] {
  const bytes = facts.files.get(path)?.bytes;
  const line = bytes === undefined ? null : firstBadLine(bytes);
  if (line === null) return [];
  const text = `${path}, line ${line + 1}: a character that is not UTF-8, as old editors write a degree sign; Klipper says "Unable to open config file"`;
  return [{ kind: 'stops', text }];
}

function firstBadLine(bytes: Uint8Array): number | null {
  const isUtf8 = (part: Uint8Array): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(part);
      return true;
    } catch {
      return false;
    }
  };
  if (isUtf8(bytes)) return null;
  // No multi-byte character contains a line feed, so lines can be tried one by one.
  for (let line = 0, start = 0; start < bytes.length; line += 1) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
  return 0;
}

/** Kalico's `!!include FILE`, whose file has to be there when the configuration is read. */
function absentScripts({ hostSoftware, absentScripts: absent }: PiFacts, file: ConfigFile): ConfigTrouble[] {
  if (hostSoftware !== 'kalico' || absent.size === 0) return [];
  const { path, lines } = file;
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return Array.from({ length: lines.length }, (_, line) => line).flatMap((line): ConfigTrouble[] => {
    const name = /!!include (.*)/.exec(lines.content(line).split('#')[0] ?? '')?.[1];
    if (name === undefined || !absent.has(plainPath(name.startsWith('/') ? name : folder + name))) return [];
    return [
      { kind: 'stops', text: `${path}, line ${line + 1}: !!include ${name} names a file that is not there` },
    ];
  });
}

const includeWords = {
  'include-missing': ['stops', 'names a missing file'],
  'include-recursive': ['stops', 'includes itself'],
  'include-folder': ['stops', 'matches a folder, which Klipper cannot read as a file'],
  'include-dangling': ['stops', 'names a link to a missing file'],
  'include-endless': ['stops', 'brings in more than Klipper can read'],
  'include-unread': ['hides', 'names a file that cannot be read here'],
} as const;

function includeTrouble({ problem, path, line, pattern, target }: IncludeProblem): ConfigTrouble {
  const [kind, words] = includeWords[problem];
  return { kind, text: `${path}, line ${line + 1}: [include ${pattern}] ${words} (${target})` };
}

const lineWords = {
  'no-section': ['stops', 'is in no section'],
  'no-delimiter': ['stops', 'has neither : nor ='],
  'byte-order-mark': ['stops', 'starts with a byte order mark; save it as UTF-8 without one'],
  'auto-saved-damaged': [
    'note',
    'the block of SAVE_CONFIG was edited by hand; Klipper starts, but without the values in it',
  ],
} as const;

function lineTrouble(
  { hostSoftware }: PiFacts,
  { path, autoSaved }: ConfigFile,
  { problem, line }: ConfigProblem,
): ConfigTrouble {
  if (problem === 'auto-saved-damaged' && hostSoftware === 'kalico' && autoSaved?.doubled === true) {
    const text = `${path}, line ${line + 1}: the block of SAVE_CONFIG has a second header, at which Kalico stops`;
    return { kind: 'stops', text };
  }
  const [kind, words] = lineWords[problem];
  return { kind, text: `${path}, line ${line + 1}: ${words}` };
}

/** A section of a board that Klipper refuses. */
interface BoardTrouble {
  readonly section: string;
  readonly canbusUuid: string;
  readonly problem: 'not-hexadecimal' | 'serial-too' | 'same-uuid';
  readonly text: string;
}

/** What Klipper refuses about boards on the bus. */
export function boardTroubles(tree: ConfigTree): BoardTrouble[] {
  const sections = canbusSections(tree);
  const first = new Map<string, string>();
  return sections.flatMap(({ section, canbusUuid }) => {
    const troubles: BoardTrouble[] = [];
    const add = (problem: BoardTrouble['problem'], text: string): void => {
      troubles.push({ section, canbusUuid, problem, text });
    };
    // Klipper parses a number, so a leading zero may be missing.
    if (!/^(?:0x)?[0-9a-f]{1,12}$/i.test(canbusUuid)) {
      add('not-hexadecimal', `[${section}] has "${canbusUuid}", which is not 12 hexadecimal digits`);
    }
    // Klipper reads these only with a serial port, and refuses options that it does not read.
    const left = serialOptions.filter((name) => optionValue(tree, section, name) !== null);
    if (left.length > 0) add('serial-too', `[${section}] has both canbus_uuid and ${left.join(', ')}`);
    const key = canbusUuid.trim().toLowerCase().replace(/^0x/, '').padStart(12, '0');
    const other = first.get(key);
    if (other === undefined) first.set(key, section);
    else add('same-uuid', `[${section}] has the same canbus_uuid ${canbusUuid} as [${other}]`);
    return troubles;
  });
}

/** Whether a readable file has the section. */
export function hasSection(tree: ConfigTree, section: string): boolean {
  return sectionNames(tree).includes(section);
}
