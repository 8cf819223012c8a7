const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * The lines of a text, by number from 0. LF, CRLF and a lone CR end a line, as in a Python file opened as text. A text
 * that ends with a line end has no empty line after it. Two numbers per line and no object: a printer's files have tens
 * of thousands.
 */
export class TextLines {
  readonly text: string;
  readonly #bounds: number[] = [];

  constructor(text: string) {
    this.text = text;
    if (text.includes('\r')) this.#findAll();
    else this.#findLineFeeds();
  }

  /**
   * Most files have only line feeds. The search for `\r` must not be in this loop, not even behind a condition: V8
   * considers `indexOf` pure and hoists it, and then each line costs a pass over the rest of the text.
   */
  #findLineFeeds(): void {
    const { text } = this;
    for (let start = 0; start < text.length;) {
      const found = text.indexOf('\n', start);
      const end = found < 0 ? text.length : found;
      this.#bounds.push(start, end);
      start = end + 1;
    }
  }

  #findAll(): void {
    const { text } = this;
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code !== lineFeed && code !== carriageReturn) continue;
      this.#bounds.push(start, at);
      if (code === carriageReturn && text.charCodeAt(at + 1) === lineFeed) at += 1;
      start = at + 1;
    }
    if (start < text.length) this.#bounds.push(start, text.length);
  }

  get length(): number {
    return this.#bounds.length / 2;
  }

  /** Offset of the line's first character; the text's length for a missing line. */
  start(line: number): number {
    return this.#bounds[line * 2] ?? this.text.length;
  }

  /** Offset behind the line's last character, before its line end. */
  end(line: number): number {
    return this.#bounds[line * 2 + 1] ?? this.text.length;
  }

  /** Offset behind the line end. */
  next(line: number): number {
    return this.start(line + 1);
  }

  /** The line without its line end. */
  content(line: number): string {
    return this.text.slice(this.start(line), this.end(line));
  }

  /** The line with its line end. */
  whole(line: number): string {
    return this.text.slice(this.start(line), this.next(line));
  }
}

/** The line end that most lines of a text have; LF if there is none. */
export function dominantLineEnd(text: string): '\n' | '\r\n' {
  const all = text.split('\n').length - 1;
  const windows = text.split('\r\n').length - 1;
  return windows * 2 > all ? '\r\n' : '\n';
}
