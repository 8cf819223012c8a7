/**
 * Applies what arrives once a frame: of a thousand changes a second only sixty can be painted. A window that is not
 * seen has no frames; there everything is applied as it comes, so that nothing piles up.
 */
export class FrameBatch {
  readonly #waiting: (() => void)[] = [];

  add(apply: () => void): void {
    this.#waiting.push(apply);
    if (document.hidden) this.#flush();
    else if (this.#waiting.length === 1) requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    for (const apply of this.#waiting.splice(0)) apply();
  }
}
