/** Limits for one client, so that no client can make a server slow or large for the others. */
export interface ServerLimits {
  /** Characters of one text, in either direction. */
  readonly maxTextLength: number;
  /** Calls and streams that are open at once. */
  readonly maxOpenAsks: number;
  /** Events in flight in one stream. */
  readonly maxCredit: number;
  /** New calls and streams per second, on average; a tenth of a minute's worth may come at once. */
  readonly asksPerSecond: number;
  /** Texts of any kind per second, on average; more ends the link. */
  readonly textsPerSecond: number;
}

/** Room for the largest flash of an F4 (2 MiB) as base64 with its frame around it. */
export const defaultLimits: ServerLimits = {
  maxTextLength: 3 * 1024 * 1024,
  maxOpenAsks: 200,
  maxCredit: 1024,
  asksPerSecond: 100,
  textsPerSecond: 2000,
};

/** Seconds of the average rate that may be used at once. */
const burstSeconds = 6;

/** Counts against an average rate; the caller passes the time. */
export class RateLimit {
  readonly #perSecond: number;
  #left: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#left = perSecond * burstSeconds;
    this.#atMs = nowMs;
  }

  /** False if there were too many. */
  take(nowMs: number): boolean {
    const refill = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#left = Math.min(this.#left + refill, this.#perSecond * burstSeconds);
    this.#atMs = nowMs;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
