import * as z from 'zod/mini';
import type { Plain } from '../plain.ts';
import type { ConfigFile, ConfigOption, ConfigStatement } from './config-file.ts';
import { hasMagic, joinPath, matchesGlob } from './config-glob.ts';

/** One statement and the file it stands in. */
export interface PlacedStatement {
  readonly file: ConfigFile;
  readonly statement: ConfigStatement;
}

export const includeProblemSchema = z.object({
  /** Klipper refuses to start: a named file is not there, or a file includes itself. */
  problem: z.enum(['include-missing', 'include-recursive']),
  path: z.string(),
  line: z.int(),
  pattern: z.string(),
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

/**
 * Follows the includes of `main` through the files that are at hand. Klipper's rules: relative to the including
 * file, wildcards of Python's `glob` in the order of their names; a wildcard may match nothing.
 */
export function readConfigTree(main: ConfigFile, others: readonly ConfigFile[]): ConfigTree {
  const byPath = new Map<string, ConfigFile>();
  for (const file of [...others, main]) byPath.set(joinPath('/', file.path), file);
  const paths = [...byPath.keys()].sort();
  const files = new Set<ConfigFile>();
  const statements: PlacedStatement[] = [];
  const problems: IncludeProblem[] = [];

  const read = (file: ConfigFile, inside: ReadonlySet<string>): void => {
    files.add(file);
    for (const statement of file.statements) {
      if (statement.kind !== 'include') {
        statements.push({ file, statement });
        continue;
      }
      const { pattern, line } = statement;
      const path = file.path;
      const wanted = joinPath(path.slice(0, path.lastIndexOf('/') + 1), pattern);
      const found = hasMagic(pattern)
        ? paths.filter((each) => matchesGlob(each, wanted))
        : byPath.has(wanted)
          ? [wanted]
          : [];
      if (found.length === 0 && !hasMagic(pattern)) {
        problems.push({ problem: 'include-missing', path, line, pattern });
      }
      for (const each of found) {
        const included = byPath.get(each);
        if (included === undefined) continue;
        if (inside.has(each) || inside.size > maxDepth) {
          problems.push({ problem: 'include-recursive', path, line, pattern });
        } else {
          read(included, new Set([...inside, each]));
        }
      }
    }
  };
  read(main, new Set([joinPath('/', main.path)]));
  return { main, files: [...files], statements, problems };
}

export interface PlacedOption {
  readonly file: ConfigFile;
  readonly option: ConfigOption;
}

/** By section and name, joined by a line feed that neither can have. */
interface OptionIndex {
  readonly placed: ReadonlyMap<string, readonly PlacedOption[]>;
  /** Values of the auto-saved block. */
  readonly saved: ReadonlyMap<string, string>;
}

const indexes = new WeakMap<ConfigTree, OptionIndex>();

/** All options, in one pass when they are first asked for: files have thousands of sections. */
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

/** What Klipper would read; the auto-saved block counts where nothing else is said. Null where nothing is. */
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
