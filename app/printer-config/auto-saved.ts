import type { TextLines } from './text-lines.ts';

/** Where the block that SAVE_CONFIG keeps at the end of the main file is, and what is in it. */
interface LocatedAutoSaved {
  /** Index of its first line, the one with the arrow. */
  readonly firstLine: number;
  /** False where Klipper would not accept it and reads the whole file as if the block were comments. */
  readonly valid: boolean;
  /** The lines behind the header without their prefix, where valid. */
  readonly content: string;
}

const headerLines = [
  '#*# <---------------------- SAVE_CONFIG ---------------------->',
  '#*# DO NOT EDIT THIS BLOCK OR BELOW. The contents are auto-generated.',
  '#*#',
];

/** Finds the block in a main file (klippy/configfile.py, ConfigAutoSave, read for its behaviour). */
export function locateAutoSaved(lines: TextLines): LocatedAutoSaved | null {
  // Nearly every file is decided at once.
  if (!lines.text.includes('#*# <')) return null;
  const numbers = Array.from({ length: lines.length }, (_, number) => number);
  // The header has a line end before it: it cannot be the first line.
  const firstLine = numbers.findIndex(
    (number) =>
      number > 0 && headerLines.every((header, offset) => lines.content(number + offset) === header),
  );
  if (firstLine < 0) return null;
  const strayBefore = numbers
    .slice(1, firstLine)
    .some((number) => lines.text.startsWith('#*# ', lines.start(number)));
  const body = numbers.slice(firstLine + headerLines.length).map((number) => lines.content(number));
  while (body.length > 0 && body.at(-1)?.trim() === '') body.pop();
  const strayInside = body.some(
    (line) => !line.startsWith('#*#') || (line.length >= 4 && !line.startsWith('#*# ')),
  );
  const twice = body.includes(headerLines[0] ?? '');
  const valid = !strayBefore && !strayInside && !twice;
  return { firstLine, valid, content: valid ? body.map((line) => line.slice(4)).join('\n') : '' };
}
