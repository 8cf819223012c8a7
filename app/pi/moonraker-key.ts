/** Asks for Moonraker's API key on the Pi with that label. `attempt` counts from 1; null where nobody has the key. */
export type AskMoonrakerKey = (question: {
  readonly label: string;
  readonly attempt: number;
}) => Promise<string | null>;

const maxAttempts = 3;

/**
 * The key that one connection shows to Moonraker. Nobody is asked for it before Moonraker refuses a request, which on
 * most Pis it never does; and once nobody had it, nobody is asked again.
 */
export class MoonrakerKey {
  readonly #label: string;
  readonly #ask: AskMoonrakerKey;
  #current: string | null = null;
  #attempt = 0;
  #asking: Promise<string | null> | null = null;

  constructor(label: string, ask: AskMoonrakerKey = () => Promise.resolve(null)) {
    this.#label = label;
    this.#ask = ask;
  }

  /** To be shown; null where none was needed yet. */
  get current(): string | null {
    return this.#current;
  }

  /** Another key than the one that was refused; null where there is none. Requests at the same time ask once. */
  async insteadOf(refused: string | null): Promise<string | null> {
    if (this.#current !== refused) return this.#current;
    this.#asking ??= this.#next().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #next(): Promise<string | null> {
    if (this.#attempt === maxAttempts) return null;
    this.#attempt += 1;
    const key = await this.#ask({ label: this.#label, attempt: this.#attempt });
    if (key === null) this.#attempt = maxAttempts;
    else this.#current = key;
    return key;
  }
}
