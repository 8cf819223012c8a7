import type { TextLines } from './text-lines.ts';

/** The place and content of the block that SAVE_CONFIG keeps at the end of the main file. */
interface LocatedAutoSaved {
  /** Index of its first line, the one with the arrow. */
  readonly firstLine: number;
  /** False if Klipper would not accept it and reads the whole file as if the block were comments. */
  readonly valid: boolean;
  /** It has a second header in it and is sound otherwise. Klipper drops it; Kalico stops at the header. */
  readonly doubled: boolean;
  /** The lines after the header without their prefix, if valid. */
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
  // The header follows a line end: it cannot be the first line.
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
  const sound = !strayBefore && !strayInside;
  const valid = sound && !twice;
  const doubled = sound && twice;
  return { firstLine, valid, doubled, content: valid ? body.map((line) => line.slice(4)).join('\n') : '' };
}
