import { assignmentsOf } from './report.ts';

/** What a unit would start, found without asking systemd: the unit may be disabled and the program stopped. */
export interface ServiceCommand {
  readonly words: readonly string[];
  /** From `Environment=` and from the files that `EnvironmentFile=` names. */
  readonly environment: ReadonlyMap<string, string>;
}

/**
 * The command of a unit (systemd.service(5), "Command lines": `$NAME` is words, `${NAME}` text) or of a file in
 * /etc/default, whose settings are the words. `environments` are the texts of the files that the unit names.
 */
export function serviceCommand(text: string, environments: readonly string[]): ServiceCommand {
  const lines = text.replace(/\\\r?\n/g, ' ').split(/\r?\n/);
  const own = lines.flatMap((line) => {
    const given = /^Environment=(.*)$/.exec(line.trim())?.[1];
    return given === undefined ? [] : splitWords(given);
  });
  const environment = new Map(
    [own, ...environments.map((each) => each.split(/\r?\n/))].flatMap((each) => [...assignmentsOf(each)]),
  );
  const start = lines.findLast((line) => /^ExecStart=./.test(line));
  if (start === undefined) {
    const settings = assignmentsOf(lines);
    return { words: [...settings.values()].flatMap(splitWords), environment: settings };
  }
  let room = maxCommandLength;
  const valueOf = (name: string): string => {
    const value = environment.get(name) ?? '';
    room -= value.length;
    return room < 0 ? '' : value;
  };
  const command = start
    .slice('ExecStart='.length)
    .replace(/\$\{(\w+)\}|\$(\w+)/g, (_, braced?: string, bare?: string) => valueOf(braced ?? bare ?? ''));
  return { words: splitWords(command.replace(/^[-@:+!]+/, '')), environment };
}

/** Linux starts no program whose words are longer (execve(2), Limits on size). Settings are put in again and again. */
const maxCommandLength = 2 << 20;

/** Words with quotes taken off, as systemd and a shell take them apart. */
function splitWords(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|[^\s"']+/g)].map(
    ([whole, double, single]) => double ?? single ?? whole,
  );
}

/** The value of an option, `-d PATH`, `--datapath PATH` or `--datapath=PATH`; null if it is missing. */
export function optionOf(words: readonly string[], ...names: readonly string[]): string | null {
  for (const [index, word] of words.entries()) {
    if (names.includes(word)) return words[index + 1] ?? null;
    const name = names.find((each) => each.startsWith('--') && word.startsWith(`${each}=`));
    if (name !== undefined) return word.slice(name.length + 1);
  }
  return null;
}
