import { createTwoFilesPatch } from 'diff';
import { decodeConfigText } from '../printer-config/config-text.ts';

/** A unified diff of one file for people; null contents are a file that is not there. Empty where nothing differs. */
export function unifiedDiff(path: string, before: Uint8Array | null, after: Uint8Array | null): string {
  const text = (bytes: Uint8Array | null): string => (bytes === null ? '' : decodeConfigText(bytes).text);
  const [old, fresh] = [text(before), text(after)];
  if (old === fresh && (before === null) === (after === null)) return '';
  const oldName = before === null ? '/dev/null' : path;
  const newName = after === null ? '/dev/null' : path;
  const patch = createTwoFilesPatch(oldName, newName, old, fresh, undefined, undefined, { context: 3 });
  // Before the names stand lines for other tools; carriage returns would move a terminal's cursor.
  return patch.slice(patch.indexOf(`--- ${oldName}`)).replaceAll('\r', '');
}
