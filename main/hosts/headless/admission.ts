import { createHash, randomBytes } from 'node:crypto';

/** More browsers than anyone has; a new one replaces the oldest. */
const maxSessions = 16;

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * Decides who may talk to this station: a browser that opened a link which the station printed. A link works once; it
 * is exchanged for a cookie that lives as long as the station. Only digests are stored, and comparing them reveals
 * nothing about the secrets.
 */
export class Admission {
  #link: string | null = null;
  readonly #sessions = new Set<string>();

  /** The token of a new link; the previous one stops working. */
  issueLink(): string {
    const token = randomBytes(24).toString('base64url');
    this.#link = digest(token);
    return token;
  }

  /** The cookie's value for the token of the current link, once; null for anything else. */
  enter(token: string): string | null {
    if (this.#link === null || digest(token) !== this.#link) return null;
    this.#link = null;
    const session = randomBytes(32).toString('base64url');
    this.#sessions.add(digest(session));
    for (const first of this.#sessions) {
      if (this.#sessions.size <= maxSessions) break;
      this.#sessions.delete(first);
    }
    return session;
  }

  isAdmitted(session: string | null): boolean {
    return session !== null && this.#sessions.has(digest(session));
  }
}
