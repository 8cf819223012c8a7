import { locateAutoSaved } from './auto-saved.ts';
import { LineScanner } from './line-scanner.ts';
import { TextLines } from './text-lines.ts';

/** `name: value` or `name = value`, with the lines that continue it. Lines count from 0. */
export interface ConfigOption {
  readonly kind: 'option';
  /** The exact text between the brackets of its section's header. */
  readonly section: string;
  /** Lower case: Klipper ignores case here. */
  readonly name: string;
  /** As Klipper sees it: without comments and blank lines, continued lines joined by line feeds. */
  readonly value: string;
  readonly line: number;
  /** The other lines of the value, without blank lines and comments between them. */
  readonly continuations: readonly number[];
  /** Start and end of the value in its first line, as offsets in the whole text. */
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Just after the `:` or `=`. */
  readonly delimiterEnd: number;
  /** Columns before the name. */
  readonly indent: number;
}

export interface ConfigHeader {
  readonly kind: 'section';
  readonly section: string;
  readonly line: number;
}

/** `[include GLOB]`, relative to its file. */
export interface ConfigInclude {
  readonly kind: 'include';
  readonly pattern: string;
  readonly line: number;
}

/** A line that keeps Klipper from starting. */
export interface ConfigProblem {
  readonly kind: 'problem';
  readonly problem: 'no-section' | 'no-delimiter' | 'auto-saved-damaged' | 'byte-order-mark';
  readonly line: number;
}

export type ConfigStatement = ConfigHeader | ConfigOption | ConfigInclude | ConfigProblem;

/** What SAVE_CONFIG keeps at the end of the main file; it must stay unchanged, and last. */
export interface AutoSavedBlock {
  readonly firstLine: number;
  /** False if Klipper would not accept it and reads the whole file as if the block were comments. */
  readonly valid: boolean;
  /** It has a second header in it and is sound otherwise. */
  readonly doubled: boolean;
  readonly options: readonly ConfigOption[];
}

/** One file, read the way Klipper reads it; no text is lost. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
  readonly lines: TextLines;
  /** In order. The auto-saved block is not among them. */
  readonly statements: readonly ConfigStatement[];
  readonly autoSaved: AutoSavedBlock | null;
}

/**
 * Reads one file. Never throws: what Klipper would reject is a statement of kind `problem`.
 *
 * The rules are those of Klipper's reader (klippy/configfile.py, read for its behaviour) and of Python's configparser
 * below it: a `#` starts a comment anywhere, a `;` at the start of a line or after white space; an option continues
 * over lines that are indented deeper than it, across blank lines and comments; an `[include ]` ends its section. The
 * auto-saved block counts in the main file only, so `main` says whether this is one.
 */
export function parseConfigFile(path: string, text: string, main = true): ConfigFile {
  const lines = new TextLines(text);
  const autoSaved = main ? readAutoSaved(lines) : null;
  const end = autoSaved?.valid === true ? autoSaved.firstLine : lines.length;
  const statements: ConfigStatement[] = [];
  if (text.startsWith('\ufeff')) statements.push({ kind: 'problem', problem: 'byte-order-mark', line: 0 });
  const scanner = new LineScanner(text);
  /** The option that indented lines continue, and those lines; nothing is allocated for the many without any. */
  let open: ConfigOption | null = null;
  let continued: ContinuedOption | null = null;
  let section: string | null = null;
  let indent = 0;

  for (let number = 0; number < end; number += 1) {
    if (!scanner.scan(lines.start(number), lines.end(number))) continue;
    const pattern = scanner.include();
    if (pattern !== null) {
      continued?.finish();
      open = continued = null;
      statements.push({ kind: 'include', pattern, line: number });
      section = null;
      indent = 0;
      continue;
    }
    if (open !== null && scanner.indent > indent) {
      continued ??= new ContinuedOption(statements, open);
      continued.add(number, text.slice(scanner.start, scanner.end));
      continue;
    }
    continued?.finish();
    open = continued = null;
    indent = scanner.indent;
    const header = scanner.header();
    if (header !== null) {
      section = header;
      statements.push({ kind: 'section', section, line: number });
      continue;
    }
    if (section === null) {
      statements.push({ kind: 'problem', problem: 'no-section', line: number });
      continue;
    }
    const split = scanner.option();
    if (split === null) {
      statements.push({ kind: 'problem', problem: 'no-delimiter', line: number });
      continue;
    }
    const { name, delimiterEnd, valueStart, valueEnd } = split;
    open = {
      kind: 'option',
      section,
      name,
      value: text.slice(valueStart, valueEnd),
      line: number,
      continuations: noLines,
      valueStart,
      valueEnd,
      delimiterEnd,
      indent,
    };
    statements.push(open);
  }
  continued?.finish();
  if (autoSaved?.valid === false) {
    statements.push({ kind: 'problem', problem: 'auto-saved-damaged', line: autoSaved.firstLine });
  }
  return { path, text, lines, statements, autoSaved };
}

const noLines: readonly number[] = [];

/** The last statement so far, which continues over further lines. */
class ContinuedOption {
  readonly #statements: ConfigStatement[];
  readonly #option: ConfigOption;
  readonly #parts: string[];
  readonly #lines: number[] = [];

  constructor(statements: ConfigStatement[], option: ConfigOption) {
    this.#statements = statements;
    this.#option = option;
    this.#parts = [option.value];
  }

  add(line: number, content: string): void {
    this.#lines.push(line);
    this.#parts.push(content);
  }

  /** Replaces its first line with the whole option. */
  finish(): void {
    const value = this.#parts.join('\n').trim();
    this.#statements[this.#statements.length - 1] = { ...this.#option, value, continuations: this.#lines };
  }
}

function readAutoSaved(lines: TextLines): AutoSavedBlock | null {
  const located = locateAutoSaved(lines);
  if (located === null) return null;
  const { firstLine, valid, doubled, content } = located;
  const { statements } = parseConfigFile('auto-saved', content, false);
  return { firstLine, valid, doubled, options: statements.filter((each) => each.kind === 'option') };
}
