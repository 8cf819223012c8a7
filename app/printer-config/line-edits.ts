import { dominantLineEnd, type TextLines } from './text-lines.ts';

/** A change of a text, by lines that count from 0. Texts have no line ends. */
export type LineEdit =
  /** A new text for one line; its line end stays. */
  | { readonly kind: 'replace'; readonly line: number; readonly text: string }
  /** New lines before `line`; the number of lines means the end. They get the file's usual line end. */
  | { readonly kind: 'insert'; readonly line: number; readonly texts: readonly string[] };

/** The file's text with the edits. Every byte of every line that no edit names stays. */
export function applyLineEdits(
  file: { readonly text: string; readonly lines: TextLines },
  edits: readonly LineEdit[],
): string {
  const { text, lines } = file;
  const lineEnd = dominantLineEnd(text);
  const inserts = new Map<number, string[]>();
  const replaced = new Map<number, string>();
  for (const edit of edits) {
    if (edit.kind === 'replace') replaced.set(edit.line, edit.text);
    else inserts.set(edit.line, [...(inserts.get(edit.line) ?? []), ...edit.texts]);
  }
  const parts: string[] = [];
  for (let line = 0; line < lines.length; line += 1) {
    for (const each of inserts.get(line) ?? []) parts.push(each, lineEnd);
    const other = replaced.get(line);
    parts.push(
      other === undefined ? lines.whole(line) : other + text.slice(lines.end(line), lines.next(line)),
    );
  }
  const added = inserts.get(lines.length) ?? [];
  if (added.length > 0) {
    const last = lines.length - 1;
    // A last line without a line end needs one before anything can follow it.
    if (last >= 0 && lines.end(last) === lines.next(last)) parts.push(lineEnd);
    for (const each of added) parts.push(each, lineEnd);
  }
  return parts.join('');
}
