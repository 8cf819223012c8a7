import { CanopusError } from '../errors.ts';
import type { ConfigFile, ConfigHeader, ConfigOption } from './config-file.ts';
import { optionsOf, optionValue, type ConfigTree } from './config-tree.ts';
import type { LineEdit } from './line-edits.ts';

/** The wished content of a section. Names in lower case. */
interface SectionWish {
  /** The exact text between the brackets. */
  readonly section: string;
  /** Options with their wished values, in the order in which new ones are added. */
  readonly set: ReadonlyMap<string, string>;
  /** Options to comment out, wherever they are. */
  readonly commentOut: readonly string[];
}

export interface FileEdits {
  readonly file: ConfigFile;
  readonly edits: readonly LineEdit[];
}

/** The edits of all files; each file's in the order of its lines. */
class EditList {
  readonly #byFile = new Map<ConfigFile, LineEdit[]>();

  add(file: ConfigFile, edit: LineEdit): void {
    const edits = this.#byFile.get(file);
    if (edits) edits.push(edit);
    else this.#byFile.set(file, [edit]);
  }

  all(): FileEdits[] {
    return [...this.#byFile].map(([file, edits]) => ({
      file,
      edits: edits.toSorted((a, b) => a.line - b.line),
    }));
  }
}

/**
 * The fewest line edits that make Klipper read `wish`. Empty if it already does. Throws `config/auto-saved` if an
 * option to remove is in the auto-saved block, and `config/invalid-value` for a value that Klipper would read
 * differently.
 */
export function editSection(tree: ConfigTree, wish: SectionWish): FileEdits[] {
  for (const [name, value] of wish.set) checkOption(wish.section, name, value);
  const edits = new EditList();
  const commented = wish.commentOut.flatMap((name) => optionsOf(tree, wish.section, name));
  refuseAutoSaved(tree, wish);
  for (const { file, option } of commented) {
    for (const line of [option.line, ...option.continuations]) {
      edits.add(file, { kind: 'replace', line, text: `#${file.lines.content(line)}` });
    }
  }
  const missing: string[] = [];
  for (const [name, value] of wish.set) {
    if (optionValue(tree, wish.section, name) === value) continue;
    const last = optionsOf(tree, wish.section, name).at(-1);
    if (last === undefined) missing.push(`${name}: ${value}`);
    else setValue(edits, last.file, last.option, value);
  }
  if (missing.length > 0) addOptions(edits, tree, wish.section, missing, commented[0] ?? null);
  return edits.all();
}

function checkOption(section: string, name: string, value: string): void {
  const survives =
    /^[a-z_][a-z0-9_]*$/.test(name) &&
    value !== '' &&
    value === value.trim() &&
    !/[\r\n#]|\s;|^;/.test(value) &&
    !/[\r\n#\]]/.test(section);
  if (survives) return;
  const message = `"${name}: ${value}" in [${section}] would be read differently`;
  throw new CanopusError('config/invalid-value', message, { section, name, value });
}

function refuseAutoSaved(tree: ConfigTree, wish: SectionWish): void {
  const saved = tree.main.autoSaved?.options ?? [];
  const held = saved.find((each) => each.section === wish.section && wish.commentOut.includes(each.name));
  if (held === undefined) return;
  const message = `"${held.name}" of [${wish.section}] is in the auto-saved block of ${tree.main.path}, which is Klipper's own`;
  throw new CanopusError('config/auto-saved', message, {
    section: wish.section,
    option: held.name,
    path: tree.main.path,
  });
}

/** Replaces the value in its line; the rest, such as a comment, stays. */
function setValue(edits: EditList, file: ConfigFile, option: ConfigOption, value: string): void {
  const { text: all, lines } = file;
  const gap = option.valueStart === option.delimiterEnd ? ' ' : '';
  const before = all.slice(lines.start(option.line), option.valueStart);
  const text = before + gap + value + all.slice(option.valueEnd, lines.end(option.line));
  edits.add(file, { kind: 'replace', line: option.line, text });
  for (const each of option.continuations) {
    edits.add(file, { kind: 'replace', line: each, text: `#${file.lines.content(each)}` });
  }
}

/** Adds options after the first one that was commented out, or else under the header, or else with a new section. */
function addOptions(
  edits: EditList,
  tree: ConfigTree,
  section: string,
  options: readonly string[],
  after: { file: ConfigFile; option: ConfigOption } | null,
): void {
  if (after !== null) {
    const { file, option } = after;
    const line = (option.continuations.at(-1) ?? option.line) + 1;
    const indent = file.lines.content(option.line).slice(0, option.indent);
    edits.add(file, { kind: 'insert', line, texts: options.map((each) => indent + each) });
    return;
  }
  const placed = tree.statements.find(
    ({ statement }) => statement.kind === 'section' && statement.section === section,
  );
  if (placed?.statement.kind === 'section') {
    const { file, statement } = placed;
    const indent = indentUnder(file, statement);
    edits.add(file, {
      kind: 'insert',
      line: statement.line + 1,
      texts: options.map((each) => indent + each),
    });
    return;
  }
  const { main } = tree;
  const end = main.autoSaved?.firstLine ?? main.lines.length;
  const before = end === 0 || main.lines.content(end - 1).trim() === '' ? [] : [''];
  const behind = main.autoSaved === null ? [] : [''];
  edits.add(main, {
    kind: 'insert',
    line: end,
    texts: [...before, `[${section}]`, ...options, ...behind],
  });
}

/**
 * The indentation of a new first option: a following line that is indented deeper would become its continuation, so the
 * new one is indented like that line.
 */
function indentUnder(file: ConfigFile, header: ConfigHeader): string {
  const next = file.statements.find((each) => each.line > header.line);
  if (next === undefined || next.kind === 'include') return '';
  return /^\s*/.exec(file.lines.content(next.line))?.[0] ?? '';
}
