import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import type { ConfigFile, ConfigOption, ConfigStatement } from './config-file.ts';
import { hasMagic, matchesGlob } from './config-glob.ts';
import { filesAtHand, type ConfigSource } from './config-source.ts';

/** One statement and its file. */
export interface PlacedStatement {
  readonly file: ConfigFile;
  readonly statement: ConfigStatement;
}

const includeProblems = [
  /**
   * Klipper refuses to start: a named file is missing, a file includes itself, or the name is a folder or a dangling
   * link.
   */
  'include-missing',
  'include-recursive',
  'include-folder',
  'include-dangling',
  /** Files that include others twice, and so on, bring in more than can be read; Klipper would not come to an end. */
  'include-endless',
  /** The file exists and could not be read here; Klipper may well be able to. */
  'include-unread',
] as const;

export const includeProblemSchema = z.object({
  problem: z.enum(includeProblems),
  /** The file with the include, and its line, from 0. */
  path: z.string(),
  line: z.int(),
  pattern: z.string(),
  /** Its target, as Klipper would open it. */
  target: z.string(),
});

export type IncludeProblem = Plain<z.infer<typeof includeProblemSchema>>;

/** A main file and everything it includes, in the order in which Klipper reads it. */
export interface ConfigTree {
  readonly main: ConfigFile;
  /** Each file once, in the order of first use. */
  readonly files: readonly ConfigFile[];
  /** The statements of all files, each include replaced by what it brings in. */
  readonly statements: readonly PlacedStatement[];
  readonly problems: readonly IncludeProblem[];
}

const maxDepth = 64;
/** A file counts as often as it is included. */
const maxReads = 10_000;
const maxStatements = 1_000_000;

/**
 * Follows the includes of `main`. Klipper's rules (klippy/configfile.py, `_resolve_include`): relative to the folder of
 * the including file as it was named, wildcards of Python's `glob` in the order of their names; a wildcard may match
 * nothing. A path is left to the system, so that `..` behind a link to a folder leads where the link does.
 */
export function readConfigTree(main: ConfigFile, others: readonly ConfigFile[] | ConfigSource): ConfigTree {
  const source = 'open' in others ? others : filesAtHand([...others, main]);
  const names = [...source.names].sort();
  const files = new Set<ConfigFile>();
  const statements: PlacedStatement[] = [];
  const problems: IncludeProblem[] = [];

  let reads = 0;
  const isTooMuch = (): boolean => reads > maxReads || statements.length > maxStatements;

  const read = (file: ConfigFile, name: string, inside: readonly ConfigFile[]): void => {
    files.add(file);
    reads += 1;
    for (const statement of file.statements) {
      if (isTooMuch()) return;
      if (statement.kind !== 'include') {
        statements.push({ file, statement });
        continue;
      }
      const { pattern, line } = statement;
      const refuse = (problem: IncludeProblem['problem'], target: string): void => {
        problems.push({ problem, path: file.path, line, pattern, target });
      };
      const folder = name.slice(0, name.lastIndexOf('/') + 1);
      const wanted = source.resolve(pattern.startsWith('/') ? pattern : folder + pattern);
      const magic = hasMagic(wanted);
      // A last part `**` matches the folder itself, which Kalico then tries to read.
      if (source.deepWildcards && wanted.endsWith('/**')) refuse('include-folder', wanted.slice(0, -3));
      const found = magic
        ? names.filter((each) => matchesGlob(each, wanted, source.deepWildcards))
        : [wanted];
      for (const each of found) {
        const included = each === main.path ? main : source.open(each);
        if (typeof included === 'string') refuse(`include-${included}`, each);
        else if (inside.includes(included) || inside.length > maxDepth) refuse('include-recursive', each);
        else {
          read(included, each, [...inside, included]);
          if (!isTooMuch()) continue;
          if (inside.length === 1) refuse('include-endless', each);
          return;
        }
      }
    }
  };
  read(main, main.path, [main]);
  return { main, files: [...files], statements, problems };
}

interface PlacedOption {
  readonly file: ConfigFile;
  readonly option: ConfigOption;
}

/** By section and name, joined by a line feed, which neither can contain. */
interface OptionIndex {
  readonly placed: ReadonlyMap<string, readonly PlacedOption[]>;
  /** Values of the auto-saved block. */
  readonly saved: ReadonlyMap<string, string>;
}

const indexes = new WeakMap<ConfigTree, OptionIndex>();

/** All options, collected in one pass on first use: files have thousands of sections. */
function indexOf(tree: ConfigTree): OptionIndex {
  const known = indexes.get(tree);
  if (known !== undefined) return known;
  const placed = new Map<string, PlacedOption[]>();
  for (const { file, statement } of tree.statements) {
    if (statement.kind !== 'option') continue;
    const key = keyOf(statement.section, statement.name);
    const places = placed.get(key);
    if (places === undefined) placed.set(key, [{ file, option: statement }]);
    else places.push({ file, option: statement });
  }
  const options = tree.main.autoSaved?.options ?? [];
  const saved = new Map(options.map(({ section, name, value }) => [keyOf(section, name), value]));
  const index = { placed, saved };
  indexes.set(tree, index);
  return index;
}

const keyOf = (section: string, name: string): string => `${section}\n${name}`;

/** Every place where a section's option is set, in the order in which Klipper reads them: the last one counts. */
export function optionsOf(tree: ConfigTree, section: string, name: string): readonly PlacedOption[] {
  return indexOf(tree).placed.get(keyOf(section, name)) ?? [];
}

/** The value that Klipper would read; the auto-saved block counts only if no file sets it. Null if there is none. */
export function optionValue(tree: ConfigTree, section: string, name: string): string | null {
  const { placed, saved } = indexOf(tree);
  const key = keyOf(section, name);
  return placed.get(key)?.at(-1)?.option.value ?? saved.get(key) ?? null;
}

/** The names of all sections, each once, in the order of their first header. */
export function sectionNames(tree: ConfigTree): string[] {
  const names = new Set<string>();
  for (const { statement } of tree.statements) if (statement.kind === 'section') names.add(statement.section);
  for (const { section } of tree.main.autoSaved?.options ?? []) names.add(section);
  return [...names];
}
