import { createHash, randomBytes } from 'node:crypto';

/** More browsers than anyone has; a new one replaces the oldest. */
const maxSessions = 16;
/** An open window keeps its session; one that was left for so long needs a new link. */
const sessionMs = 24 * 3600 * 1000;
/** How long a browser keeps the cookie, at most: the station decides whether it still counts. */
export const cookieSeconds = 30 * 24 * 3600;

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** What a browser gets for a link. */
export interface Admitted {
  /** The cookie's value. */
  readonly session: string;
  /**
   * What the page says in addition when it opens its socket. Cookies know no ports: a browser sends them to other
   * programs of this computer, too. What a page keeps belongs to its port.
   */
  readonly pageKey: string;
}

interface Session {
  readonly pageKey: string;
  usedAtMs: number;
}

/**
 * Decides who may talk to this station: a browser that opened a link which the station printed. A link works once; it
 * is exchanged for a cookie and a key of the page, which end a day after their last use or with the station. Only
 * digests are stored, and comparing them reveals nothing about the secrets.
 */
export class Admission {
  #link: string | null = null;
  readonly #sessions = new Map<string, Session>();
  readonly #clock: { nowMs(): number };

  constructor(clock: { nowMs(): number }) {
    this.#clock = clock;
  }

  /** The token of a new link; the previous one stops working. */
  issueLink(): string {
    const token = randomBytes(24).toString('base64url');
    this.#link = digest(token);
    return token;
  }

  /** For the token of the current link, once; null for anything else. */
  enter(token: string): Admitted | null {
    if (this.#link === null || digest(token) !== this.#link) return null;
    this.#link = null;
    const session = randomBytes(32).toString('base64url');
    const pageKey = randomBytes(32).toString('base64url');
    this.#sessions.set(digest(session), { pageKey: digest(pageKey), usedAtMs: this.#clock.nowMs() });
    for (const first of this.#sessions.keys()) {
      if (this.#sessions.size <= maxSessions) break;
      this.#sessions.delete(first);
    }
    return { session, pageKey };
  }

  /** For the files of the page, which are no secret. */
  isAdmitted(session: string | null): boolean {
    return this.#find(session) !== null;
  }

  /** For the contract. Each use begins the session's time anew. */
  isPage(session: string | null, pageKey: string | null): boolean {
    const found = this.#find(session);
    if (found === null || pageKey === null || digest(pageKey) !== found.pageKey) return false;
    found.usedAtMs = this.#clock.nowMs();
    return true;
  }

  /** A window of this session is open. */
  keep(session: string): void {
    const found = this.#find(session);
    if (found !== null) found.usedAtMs = this.#clock.nowMs();
  }

  #find(session: string | null): Session | null {
    if (session === null) return null;
    const key = digest(session);
    const found = this.#sessions.get(key);
    if (found === undefined) return null;
    if (this.#clock.nowMs() - found.usedAtMs < sessionMs) return found;
    this.#sessions.delete(key);
    return null;
  }
}
