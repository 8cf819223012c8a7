import { maxLineLength } from './shell.ts';

/**
 * Splits the bytes of an output stream into lines, the same however the bytes arrive. UTF-8; invalid bytes become
 * U+FFFD. Line ends are `\n` and `\r\n`. A line longer than `maxLineLength` is cut there and its rest skipped, so that
 * a stream without line ends takes no memory.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #onLine: (text: string) => void;
  #pending = '';

  constructor(onLine: (text: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Uint8Array): void {
    this.#take(this.#decoder.decode(bytes, { stream: true }));
  }

  /** The stream is over: emits what came after the last line end, if anything. */
  end(): void {
    this.#take(this.#decoder.decode());
    if (this.#pending !== '') this.#emit();
  }

  #take(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#append(text.slice(from, end));
      this.#emit();
      from = end + 1;
    }
    this.#append(text.slice(from));
  }

  #append(text: string): void {
    // One character more than is shown, so that a `\r` right behind the longest line is still recognised as its end.
    const room = maxLineLength + 1 - this.#pending.length;
    if (room > 0) this.#pending += text.slice(0, room);
  }

  #emit(): void {
    const line = this.#pending.endsWith('\r') ? this.#pending.slice(0, -1) : this.#pending;
    this.#pending = '';
    this.#onLine(line.slice(0, maxLineLength));
  }
}
