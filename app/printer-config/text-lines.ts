/**
 * The lines of a text, by number from 0. LF, CRLF and a lone CR end a line, as in a Python file opened as text. A
 * text that ends with a line end has no empty line behind it. Two numbers a line and no object: a printer's files
 * have tens of thousands.
 */
export class TextLines {
  readonly text: string;
  readonly #bounds: number[] = [];

  constructor(text: string) {
    this.text = text;
    const { length } = text;
    const bounds = this.#bounds;
    let start = 0;
    let cr = text.indexOf('\r');
    while (start < length) {
      let lf = text.indexOf('\n', start);
      if (lf < 0) lf = length;
      if (cr >= 0 && cr < start) cr = text.indexOf('\r', start);
      if (cr >= 0 && cr < lf) {
        bounds.push(start, cr);
        start = cr + 1 === lf && lf < length ? lf + 1 : cr + 1;
      } else {
        bounds.push(start, lf);
        start = lf + 1;
      }
    }
  }

  get length(): number {
    return this.#bounds.length / 2;
  }

  /** Offset of the line's first character; the text's length for lines that are not there. */
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

/** The line end that most lines of a text have; LF where there is none. */
export function dominantLineEnd(text: string): '\n' | '\r\n' {
  const all = text.split('\n').length - 1;
  const windows = text.split('\r\n').length - 1;
  return windows * 2 > all ? '\r\n' : '\n';
}
