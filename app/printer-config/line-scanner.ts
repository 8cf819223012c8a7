import { isPythonSpace } from './config-text.ts';

interface SplitOption {
  /** Lower case. */
  readonly name: string;
  readonly delimiterEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

const hash = 0x23;
const colon = 0x3a;
const semicolon = 0x3b;
const equalsSign = 0x3d;
const openBracket = 0x5b;

/** Scans single lines of one text, without knowing what came before them. Made for speed: `scan` sets fields. */
export class LineScanner {
  readonly #text: string;
  /** The content of the last scanned line, without comment and surrounding white space. */
  start = 0;
  end = 0;
  /** Columns before it. */
  indent = 0;
  /** Where a `#` cut the line. */
  #cut = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Scans the line from `lineStart` to `lineEnd`; false if it has only white space and comment. */
  scan(lineStart: number, lineEnd: number): boolean {
    const text = this.#text;
    let start = -1;
    let end = lineStart;
    let at = lineStart;
    let previousSpace = true;
    let commented = false;
    for (; at < lineEnd; at += 1) {
      const code = text.charCodeAt(at);
      // Klipper cuts at the first # wherever it is, before it looks for includes and before configparser cuts at ;.
      if (code === hash) break;
      if (commented) continue;
      if (code === semicolon && previousSpace) {
        commented = true;
        continue;
      }
      previousSpace = code <= 0x20 || code >= 0x80 ? isPythonSpace(code) : false;
      if (previousSpace) continue;
      if (start < 0) start = at;
      end = at + 1;
    }
    if (start < 0) return false;
    this.#cut = at;
    this.start = start;
    this.end = end;
    this.indent = start - lineStart;
    return true;
  }

  /** The glob of an `[include ]` line; null for any other. An indented one is a section to Klipper. */
  include(): string | null {
    if (this.indent !== 0 || this.#text.charCodeAt(this.start) !== openBracket) return null;
    const header = headerOf(this.#text.slice(this.start, this.#cut));
    return header?.startsWith('include ') ? header.slice(8).trim() : null;
  }

  /** The text between the brackets of a header line; null for any other. */
  header(): string | null {
    if (this.#text.charCodeAt(this.start) !== openBracket) return null;
    return headerOf(this.#text.slice(this.start, this.end));
  }

  /** Splits at the first `:` or `=`; null if there is none or no name before it. */
  option(): SplitOption | null {
    const text = this.#text;
    const valueEnd = this.end;
    let at = this.start;
    let nameEnd = at;
    let plain = true;
    for (; at < valueEnd; at += 1) {
      const code = text.charCodeAt(at);
      if (code === colon || code === equalsSign) break;
      // Nearly every name is lower-case ASCII with at most one space behind it.
      if (code > 0x20) nameEnd = at + 1;
      if ((code >= 0x41 && code <= 0x5a) || code >= 0x80 || code < 0x20) plain = false;
    }
    const name = plain ? text.slice(this.start, nameEnd) : text.slice(this.start, at).trimEnd().toLowerCase();
    if (at === valueEnd || name === '') return null;
    const delimiterEnd = at + 1;
    let valueStart = delimiterEnd;
    while (valueStart < valueEnd && isPythonSpace(text.charCodeAt(valueStart))) valueStart += 1;
    return { name, delimiterEnd, valueStart, valueEnd };
  }
}

/** configparser takes everything up to the last closing bracket, and ignores what follows it. */
function headerOf(line: string): string | null {
  const close = line.lastIndexOf(']');
  return close < 2 ? null : line.slice(1, close);
}
