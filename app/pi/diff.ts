import { createTwoFilesPatch } from 'diff';

/** A unified diff of one file for people; null is a missing file. Empty if nothing differs. */
export function unifiedDiff(path: string, before: string | null, after: string | null): string {
  const [old, fresh] = [before ?? '', after ?? ''];
  if (before === after) return '';
  const oldName = before === null ? '/dev/null' : path;
  const newName = after === null ? '/dev/null' : path;
  const patch = createTwoFilesPatch(oldName, newName, old, fresh, undefined, undefined, { context: 3 });
  // Before the names come lines for other tools; carriage returns would move a terminal's cursor.
  return patch.slice(patch.indexOf(`--- ${oldName}`)).replaceAll('\r', '');
}
