const maxLogBytes = 1 << 20;

/** The output of a build, up to a limit: a broken Makefile can print without end. */
export class BuildLog {
  readonly #lines: string[] = [];
  #bytes = 0;

  add(text: string): void {
    if (this.#bytes > maxLogBytes) return;
    this.#bytes += text.length + 1;
    this.#lines.push(this.#bytes > maxLogBytes ? '(the rest was not kept)' : text);
  }

  bytes(): Uint8Array {
    return Buffer.from(`${this.#lines.join('\n')}\n`);
  }
}
