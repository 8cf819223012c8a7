import type { Numbered } from '../../app/contract/define.ts';
import type { StationEvent } from '../../app/contract/station-contract.ts';

type JournalEvent = StationEvent<'jobs.watch'>;

/**
 * The events of one job, numbered from 1. A progress event replaces the progress event just before it, so that a long
 * job stays short; numbers only grow, with gaps.
 */
export class JobJournal {
  readonly #events: Numbered<JournalEvent>[] = [];
  readonly #waiting = new Set<() => void>();
  #seq = 0;
  #ended = false;

  add(event: JournalEvent): void {
    this.#seq += 1;
    const last = this.#events.at(-1)?.event.event;
    const { event: now } = event;
    if (last?.type === 'progress' && now.type === 'progress' && last.phase === now.phase) this.#events.pop();
    this.#events.push({ seq: this.#seq, event });
    this.#wake();
  }

  /** No more events will come: followers end. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *follow(after: number, signal: AbortSignal): AsyncGenerator<Numbered<JournalEvent>, void, void> {
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (let seen = after; !signal.aborted;) {
        const next = this.#after(seen);
        if (next !== null) {
          seen = next.seq;
          yield next;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => this.#waiting.add(resolve));
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The first event with a higher number; searched from the end, where followers are. */
  #after(seen: number): Numbered<JournalEvent> | null {
    let index = this.#events.length;
    while (index > 0 && (this.#events[index - 1]?.seq ?? 0) > seen) index -= 1;
    return this.#events[index] ?? null;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
