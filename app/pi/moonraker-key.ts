/** Asks for Moonraker's API key on the Pi with that label. `attempt` counts from 1; null if the person has none. */
export type AskMoonrakerKey = (question: {
  readonly label: string;
  readonly attempt: number;
}) => Promise<string | null>;

const maxAttempts = 3;

/**
 * The key that one connection sends to Moonraker. The person is asked only after Moonraker has refused a request, which
 * on most Pis never happens, and never again after giving up.
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

  /** The key to send; null if none was needed yet. */
  get current(): string | null {
    return this.#current;
  }

  /** Another key than the refused one; null if there is none. Simultaneous requests ask once. */
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
