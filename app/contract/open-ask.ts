/** The server's side of one open call or stream: whether it is still open, and how many events may be sent. */
export class OpenAsk {
  readonly #controller = new AbortController();
  #credit = 0;
  #wake: (() => void) | null = null;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get ended(): boolean {
    return this.#controller.signal.aborted;
  }

  get credit(): number {
    return this.#credit;
  }

  grant(credit: number): void {
    this.#credit += credit;
    this.#wake?.();
  }

  spend(): void {
    this.#credit -= 1;
  }

  /** Resolves true if an event may be sent, false if the ask has ended. */
  async credited(): Promise<boolean> {
    while (this.#credit === 0 && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
    return !this.ended;
  }

  end(): void {
    this.#controller.abort();
    this.#wake?.();
  }
}
