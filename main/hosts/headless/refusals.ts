import { safeText } from '../../../app/safe-text.ts';
import type { HostLog } from '../host-log.ts';

interface Refused {
  readonly status: number;
  readonly why: string;
  readonly method: string | undefined;
  readonly path: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly from: string | undefined;
}

/** How often a kind of refusal is in the log. */
const everyMs = 60_000;
const maxLength = 200;

/**
 * Refused requests in the log: the first of a kind at once, then how many more there were, once a minute. Any program
 * of this computer and any page in its browsers can make requests; they must not write to the disk by that.
 */
export class Refusals {
  readonly #log: HostLog;
  readonly #clock: { nowMs(): number };
  readonly #kinds = new Map<string, { atMs: number; more: number }>();

  constructor(log: HostLog, clock: { nowMs(): number }) {
    this.#log = log;
    this.#clock = clock;
  }

  add({ status, why, ...request }: Refused): void {
    const nowMs = this.#clock.nowMs();
    const kind = this.#kinds.get(why);
    if (kind !== undefined && nowMs - kind.atMs < everyMs) {
      kind.more += 1;
      return;
    }
    const more = kind === undefined || kind.more === 0 ? {} : { moreBefore: kind.more };
    this.#kinds.set(why, { atMs: nowMs, more: 0 });
    const fields: Record<string, unknown> = { status, why };
    for (const [name, value] of Object.entries(request)) {
      if (value !== undefined) fields[name] = safeText(value, maxLength);
    }
    this.#log.warn({ ...fields, ...more }, 'a request was refused');
  }
}
