/** The current time for relative times on screen, updated once a second. */
export class Ticker {
  nowMs = $state(Date.now());
  readonly #timer = setInterval(() => (this.nowMs = Date.now()), 1000);

  close(): void {
    clearInterval(this.#timer);
  }
}
