/**
 * Applies arriving changes once per frame: of a thousand changes per second only sixty can be painted. A
 * hidden window has no frames; there every change is applied at once, so that none pile up.
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
