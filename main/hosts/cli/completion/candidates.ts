import type { Command, Option } from 'commander';

/** Values of an option that no list in the program has, by its long flag: `--preset`. */
export type KnownValues = Readonly<Record<string, () => Promise<readonly string[]>>>;

/**
 * What can come next on a command line.
 *
 * @param words What stands before the current word, without the program's own name.
 * @param current The beginning of the current word; may be empty.
 * @returns Words that begin with it, sorted; empty if a file or a free text is expected.
 */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  current: string,
  values: KnownValues = {},
): Promise<readonly string[]> {
  const { command, rest } = commandIn(program, words);
  const awaited = optionAwaiting(command, rest.at(-1));
  const all = awaited === null ? nextWords(command, rest) : await valuesOf(awaited, values);
  return all.filter((word) => word.startsWith(current)).toSorted();
}

/** The innermost command of the words, and the words after its name. */
function commandIn(
  program: Command,
  words: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } {
  let command = program;
  let begin = 0;
  for (const [index, word] of words.entries()) {
    if (optionAwaiting(command, words[index - 1]) !== null && index > begin) continue;
    const inner = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
    if (inner === undefined) continue;
    command = inner;
    begin = index + 1;
  }
  return { command, rest: words.slice(begin) };
}

/** The option that the next word belongs to; null if it is a word of its own. */
function optionAwaiting(command: Command, last: string | undefined): Option | null {
  if (last?.startsWith('-') !== true) return null;
  const option = optionsOf(command).find(({ long, short }) => long === last || short === last);
  return option?.required === true ? option : null;
}

async function valuesOf(option: Option, values: KnownValues): Promise<readonly string[]> {
  if (option.argChoices !== undefined) return option.argChoices;
  return (await values[option.long ?? '']?.()) ?? [];
}

function nextWords(command: Command, rest: readonly string[]): readonly string[] {
  const isFresh = rest.every((word) => word.startsWith('-'));
  const commands = isFresh
    ? command.commands.filter((each) => !isHidden(each)).map((each) => each.name())
    : [];
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  const flags = optionsOf(command)
    .filter((option) => !option.hidden && (option.variadic || !rest.includes(option.long ?? '')))
    .flatMap(({ long }) => long ?? []);
  return [...commands, ...choices, ...flags, '--help'];
}

function optionsOf(command: Command): readonly Option[] {
  return command.options;
}

/** Commander keeps this to itself: what its help shows decides. */
function isHidden(command: Command): boolean {
  return (
    command.parent !== null && !command.parent.createHelp().visibleCommands(command.parent).includes(command)
  );
}
