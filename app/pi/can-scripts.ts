import { canCommand, escaped, takesDown, type CanCommand } from './can-commands.ts';
import type { ComesBack } from './can-units.ts';
import type { PiFacts, PiFile } from './facts.ts';
import { textOf } from './pi-files.ts';

/** A script, a hook or a table of cron with lines that set the interface. */
export interface CanScript {
  readonly file: PiFile;
  /** From 0. */
  readonly lines: readonly number[];
  readonly commands: readonly CanCommand[];
  readonly comesBack: ComesBack;
  /** What starts it, continues "which"; null if nothing that is known does. */
  readonly startedBy: string | null;
}

/** Everything in the facts that is neither a configuration file nor a unit. */
const elsewhere =
  /^\/(?:etc\/(?:systemd|udev|NetworkManager\/system-connections)|run|usr\/lib|lib|usr\/local\/lib)\/|\/(?:interfaces|interfaces\.d\/[^/]*)$/;
const places = /^\/(?:etc|usr\/local|boot|opt|root|home|usr\/data|mnt)\//;

/** Scripts that set the interface. */
export function canScripts(facts: PiFacts, interfaceName: string): CanScript[] {
  const found = [...facts.files.values()]
    .filter(({ path }) => {
      const plain = path.slice(facts.root.length);
      return places.test(plain) && !elsewhere.test(plain) && !/\.(?:cfg|conf|txt)$/.test(plain);
    })
    .flatMap((file) => {
      const { lines, commands } = linesAbout(
        textOf(file),
        interfaceName,
        startsAtBoot(file.path.slice(facts.root.length)),
      );
      return lines.length === 0 ? [] : [{ file, lines, commands }];
    })
    .sort((a, b) => (a.file.path < b.file.path ? -1 : 1));
  return found.map((each) => ({ ...each, ...starts(facts, each.file, each.lines) }));
}

/** What only runs when the system starts: a line that takes the interface down does harm there by itself. */
function startsAtBoot(path: string): boolean {
  return path === '/etc/rc.local';
}

/**
 * The lines of a text that set the interface. A variable that holds its name counts as the name. A line that takes it down
 * counts with those that bring it up, because without them nothing would.
 */
function linesAbout(
  text: string,
  interfaceName: string,
  atBoot: boolean,
): Pick<CanScript, 'lines' | 'commands'> {
  const lines: number[] = [];
  const commands: CanCommand[] = [];
  const aliases = variablesWith(text, interfaceName).flatMap((name) => [`$${name}`, `\${${name}}`]);
  for (const [number, line] of text.split('\n').entries()) {
    if (line.trim().startsWith('#')) continue;
    const command = canCommand(line, interfaceName, aliases);
    if (command !== null) commands.push(command);
    if (command !== null || takesDown(line, interfaceName, aliases)) lines.push(number);
  }
  return commands.length > 0 || atBoot ? { lines, commands } : { lines: [], commands };
}

/** More than a script has. Each is looked for in every line. */
const maxVariables = 50;

/** The variables that a script sets to the interface's name, or that go through a list with it. */
function variablesWith(text: string, interfaceName: string): string[] {
  const set = new RegExp(`\\b([A-Za-z_]\\w*)=["']?${escaped(interfaceName)}\\b`, 'g');
  const named = new RegExp(`\\b${escaped(interfaceName)}\\b`);
  const looped = text.split(/[\n;]/).flatMap((statement) => {
    // The first loop of a statement is its only one; one pattern for both would look through the rest for each "for".
    const loop = /\bfor\s+(\w+)\s+in\b/.exec(statement);
    return loop?.[1] !== undefined && named.test(statement.slice(loop.index)) ? [loop[1]] : [];
  });
  const names = [...[...text.matchAll(set)].map(([, name]) => name ?? ''), ...looped];
  return [...new Set(names)].slice(0, maxVariables);
}

function starts(
  facts: PiFacts,
  file: PiFile,
  lines: readonly number[],
): { comesBack: ComesBack; startedBy: string | null } {
  const path = file.path.slice(facts.root.length);
  const isProgram = (file.mode & 0o111) !== 0;
  if (path === '/etc/rc.local') {
    return isProgram
      ? { comesBack: 'boot', startedBy: 'runs at boot' }
      : { comesBack: 'never', startedBy: null };
  }
  if (/^\/etc\/(?:init\.d|rc\d?\.d|boot\.d)\//.test(path))
    return { comesBack: 'boot', startedBy: 'runs at boot' };
  if (/^\/etc\/cron/.test(path)) {
    const text = textOf(file).split('\n');
    const atBoot = lines.every((line) => /^\s*@reboot\b/.test(text[line] ?? ''));
    return {
      comesBack: atBoot ? 'boot' : 'unknown',
      startedBy: atBoot ? 'cron starts at boot' : 'cron starts',
    };
  }
  if (/^\/etc\/network\/if-/.test(path)) return { comesBack: 'unknown', startedBy: 'ifupdown starts' };
  if (path.startsWith('/etc/NetworkManager/')) {
    return { comesBack: 'unknown', startedBy: 'NetworkManager starts' };
  }
  const caller = [...facts.files.values()].find(
    (each) => each !== file && mayStart(each.path.slice(facts.root.length)) && textOf(each).includes(path),
  );
  if (caller !== undefined) return { comesBack: 'unknown', startedBy: `${caller.path} starts` };
  if (facts.crontab.some((line) => line.includes(path)))
    return { comesBack: 'boot', startedBy: `the crontab of ${facts.user} starts` };
  return { comesBack: 'never', startedBy: null };
}

function mayStart(path: string): boolean {
  return /\.(?:service|rules|sh)$|\/(?:rc\.local|crontab|interfaces)$|\/(?:interfaces|cron|init|dispatcher)\.d\//.test(
    path,
  );
}

/** Lines of the user's own crontab that set the interface. */
export function crontabLines(facts: PiFacts, interfaceName: string): string[] {
  return facts.crontab.filter(
    (line) => !line.trim().startsWith('#') && canCommand(line, interfaceName) !== null,
  );
}

/**
 * The script with these lines out, as comments; null if one is part of a larger command. Where a block would be
 * left empty, which the shell refuses, ":" takes the line's place.
 */
export function withoutLines(text: string, numbers: readonly number[]): string | null {
  const lines = text.split('\n');
  for (const number of numbers) {
    const line = lines[number] ?? '';
    const before =
      lines.slice(0, number).findLast((each) => each.trim() !== '' && !each.trim().startsWith('#')) ?? '';
    if (goesOn(line) || /\\\s*$/.test(lines[number - 1] ?? '') || !isBalanced(line)) return null;
    const opens = /(?:^|[\s;])(?:then|do|else|in)\s*$|[{(|&]\s*$|\)\s*$/.test(before);
    lines[number] = opens ? line.replace(/^(\s*)/, '$1: #') : `#${line}`;
  }
  return lines.join('\n');
}

const goesOn = (line: string): boolean => /(?:\\|&&|\|\||\||\{|\(|\bthen|\bdo)\s*$/.test(line);

function isBalanced(line: string): boolean {
  const count = (pattern: RegExp): number => [...line.matchAll(pattern)].length;
  const ends = (opening: string, closing: string): boolean =>
    count(new RegExp(`(?:^|[\\s;])${opening}(?=[\\s;]|$)`, 'g')) ===
    count(new RegExp(`(?:^|[\\s;])${closing}(?=[\\s;)]|$)`, 'g'));
  return (
    ends('if', 'fi') &&
    ends('do', 'done') &&
    ends('case', 'esac') &&
    ends('\\{', '\\}') &&
    !line.trim().endsWith(';;')
  );
}
