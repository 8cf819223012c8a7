/** The place of the window, kept in the address so that reload and back work: `#/bench`, `#/flow/3`. */
export class Router {
  #segments: readonly string[] = $state.raw([]);

  constructor() {
    this.#read();
    window.addEventListener('hashchange', () => this.#read());
  }

  get page(): string {
    return this.#segments[0] ?? 'bench';
  }

  /** What follows the page in the address. */
  get argument(): string | null {
    return this.#segments[1] ?? null;
  }

  go(page: string, argument?: string): void {
    location.hash = href(page, argument);
  }

  #read(): void {
    this.#segments = location.hash
      .replace(/^#\/?/, '')
      .split('/')
      .filter((segment) => segment !== '')
      .map(decoded);
  }
}

export function href(page: string, argument?: string): string {
  return `#/${page}${argument === undefined ? '' : `/${encodeURIComponent(argument)}`}`;
}

/** Taken literally if it was not encoded for an address. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
