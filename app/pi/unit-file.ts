import { applyLineEdits } from '../printer-config/line-edits.ts';
import { TextLines } from '../printer-config/text-lines.ts';

export interface UnitEntry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** A file in systemd's format (systemd.syntax(7)): `[Section]`, `Key=value`, comments with # or ;. */
export interface UnitFile {
  readonly text: string;
  readonly lines: TextLines;
  readonly entries: readonly UnitEntry[];
  readonly sections: readonly { readonly name: string; readonly line: number }[];
}

export function parseUnitFile(text: string): UnitFile {
  const lines = new TextLines(text);
  const entries: UnitEntry[] = [];
  const sections: { name: string; line: number }[] = [];
  for (let line = 0; line < lines.length; line += 1) {
    const content = lines.content(line).trim();
    const header = /^\[([^\]]+)\]$/.exec(content);
    const entry = /^([A-Za-z][A-Za-z0-9]*)\s*=\s*(.*)$/.exec(content);
    if (header?.[1]) sections.push({ name: header[1], line });
    else if (entry?.[1] && entry[2] !== undefined) {
      entries.push({ section: sections.at(-1)?.name ?? '', key: entry[1], value: entry[2], line });
    }
  }
  return { text, lines, entries, sections };
}

/** The values of a key in order; for most keys systemd takes the last one. */
export function unitValues(file: UnitFile, section: string, key: string): string[] {
  return file.entries
    .filter((entry) => entry.section === section && entry.key === key)
    .map(({ value }) => value);
}

/** The file with the key set: its last line changed, or one added to its section, or the section added. */
export function withUnitValue(file: UnitFile, section: string, key: string, value: string): string {
  const last = file.entries.findLast((entry) => entry.section === section && entry.key === key);
  if (last !== undefined) {
    if (last.value === value) return file.text;
    const text = file.lines.content(last.line).replace(/=.*$/, `=${value}`);
    return applyLineEdits(file, [{ kind: 'replace', line: last.line, text }]);
  }
  const home = file.sections.findLast(({ name }) => name === section);
  if (home !== undefined) {
    return applyLineEdits(file, [{ kind: 'insert', line: home.line + 1, texts: [`${key}=${value}`] }]);
  }
  const gap = file.text.trim() === '' ? [] : [''];
  const texts = [...gap, `[${section}]`, `${key}=${value}`];
  return applyLineEdits(file, [{ kind: 'insert', line: file.lines.length, texts }]);
}

/** The file with every line of that key commented out. */
export function withoutUnitValue(file: UnitFile, section: string, key: string): string {
  const lines = file.entries.filter((entry) => entry.section === section && entry.key === key);
  return applyLineEdits(
    file,
    lines.map(({ line }) => ({ kind: 'replace', line, text: `#${file.lines.content(line)}` })),
  );
}

/** A rate as systemd.network(5) writes it: K, M and G are thousands. Null for anything else. */
export function parseBitRate(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?)$/i.exec(text.trim());
  if (!match?.[1]) return null;
  const factors: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9 };
  return Math.round(Number(match[1]) * (factors[(match[2] ?? '').toUpperCase()] ?? 1));
}
