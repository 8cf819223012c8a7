import { SvelteMap } from 'svelte/reactivity';
import type { RunFilter } from '../../../app/history/run-filter.ts';
import type { RunView, StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { toCanopusError, type CanopusError } from '../../../app/errors.ts';
import type { Clock } from '../../../app/transport/clock.ts';

const pageSize = 100;
/** Limits memory when a hundred thousand runs are scrolled through. */
const maxPages = 30;
/**
 * Delay between a change in the station and the next query, so that a busy bench costs at most ten queries
 * per second.
 */
const settleMs = 100;
const retryMs = 1000;

/** The runs that a window shows: its filter, and the runs around the visible place, kept up to date. */
export class HistoryState {
  filter: RunFilter = $state.raw({});
  /** Number of matching runs; null before the first reply. */
  total: number | null = $state(null);
  interrupted: readonly RunView[] = $state.raw([]);
  choices: StationOutput<'history.choices'> = $state.raw({
    operators: [],
    presetIds: [],
    slots: [],
    images: [],
  });
  /** The session of the running station. */
  session: string | null = $state(null);
  /** False until the first reply. */
  isKnown = $state(false);
  error: CanopusError | null = $state.raw(null);
  #picked: RunView | null = $state.raw(null);
  /** All boards of the station are virtual; null if unknown yet. */
  #isSimulated: boolean | null = $state(null);
  readonly #pages = new SvelteMap<number, readonly RunView[]>();
  /** The visible pages. */
  #range = { first: 0, last: 0 };
  #isLooking = false;
  /** Number of the newest query: replies to older ones are ignored. */
  #asked = 0;
  readonly #client: StationClient;
  readonly #clock: Clock;

  constructor(client: StationClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** The filter for the station: without virtual boards if there are real ones, unless they are wanted. */
  get query(): RunFilter & { readonly boards: NonNullable<RunFilter['boards']> } {
    return { ...this.filter, boards: this.filter.boards ?? (this.#isSimulated === true ? 'all' : 'real') };
  }

  get isFiltered(): boolean {
    return Object.values(this.filter).some((value) => value !== undefined);
  }

  /** The run at a place of the list; undefined while it loads. */
  at(index: number): RunView | undefined {
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** A run by its number, anywhere in the list; null if it was not selected or is still loading. */
  find(id: number): RunView | null {
    for (const page of this.#pages.values()) {
      const found = page.find((run) => run.id === id);
      if (found !== undefined) return found;
    }
    return this.interrupted.find((run) => run.id === id) ?? (this.#picked?.id === id ? this.#picked : null);
  }

  /** Loads a run, whatever the list shows. Throws `history/unknown-run`. */
  async pick(id: number): Promise<void> {
    this.#picked = this.find(id) ?? (await this.#client.call('history.get', { id }));
  }

  /** Applies a filter, from the top; empty fields do not matter. */
  setFilter(change: RunFilter): Promise<void> {
    const fields = Object.entries({ ...this.filter, ...change }).filter(
      ([, value]) => value !== '' && value !== undefined,
    );
    this.filter = Object.fromEntries(fields);
    this.#range = { first: 0, last: 0 };
    return this.load();
  }

  /** Reloads the visible runs and their count. */
  async load(): Promise<void> {
    const asked = (this.#asked += 1);
    try {
      this.#isSimulated ??= (await this.#client.call('app.info', null)).simulated;
      const [first, interrupted] = await Promise.all([
        this.#page(0),
        this.#client.call('history.interrupted', null),
      ]);
      const looked = pagesFrom(this.#range, lastPage(first.total ?? 0)).filter((page) => page !== 0);
      const others = await Promise.all(looked.map((page) => this.#page(page)));
      // The choices change only when runs are added or removed.
      const choices =
        first.total === this.total && this.isKnown
          ? this.choices
          : await this.#client.call('history.choices', null);
      if (asked !== this.#asked) return;
      this.error = null;
      this.#pages.clear();
      this.#pages.set(0, first.runs);
      for (const [index, page] of looked.entries()) this.#pages.set(page, others[index]?.runs ?? []);
      this.total = first.total;
      this.interrupted = interrupted;
      this.choices = choices;
    } catch (error) {
      if (asked === this.#asked) this.error = toCanopusError(error);
    }
    this.isKnown = true;
  }

  /** Loads the runs from one place to another; if the list is scrolled meanwhile, those of the last place. */
  async look(first: number, last: number): Promise<void> {
    this.#range = { first: Math.floor(first / pageSize), last: Math.floor(last / pageSize) };
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let page = this.#missing(); page !== null; page = this.#missing()) {
        const asked = this.#asked;
        const { runs } = await this.#page(page);
        if (asked === this.#asked) this.#keep(page, runs);
      }
    } catch (error) {
      this.error = toCanopusError(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async acknowledge(id: number): Promise<void> {
    try {
      await this.#client.call('history.acknowledge', { id });
      this.interrupted = this.interrupted.filter((run) => run.id !== id);
    } catch (error) {
      this.error = toCanopusError(error);
    }
  }

  /** Reloads after each change in the station, until the signal is aborted. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const { session } of this.#client.stream('history.watch', null, { signal })) {
          this.session = session;
          await this.load();
          await this.#clock.sleep(settleMs, signal);
        }
      } catch (error) {
        const failure = toCanopusError(error);
        if (failure.code !== 'cancelled') this.error = failure;
        this.isKnown = true;
      }
      await this.#clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  #page(page: number): Promise<StationOutput<'history.page'>> {
    const range = { limit: pageSize, offset: page * pageSize };
    return this.#client.call('history.page', { filter: this.query, ...range });
  }

  #missing(): number | null {
    const wanted = pagesFrom(this.#range, lastPage(this.total ?? 0));
    return wanted.find((page) => !this.#pages.has(page)) ?? null;
  }

  #keep(page: number, runs: readonly RunView[]): void {
    this.#pages.set(page, runs);
    const farthestFirst = [...this.#pages.keys()].sort((a, b) => Math.abs(b - page) - Math.abs(a - page));
    for (const other of farthestFirst.slice(0, Math.max(0, farthestFirst.length - maxPages))) {
      this.#pages.delete(other);
    }
  }
}

function lastPage(total: number): number {
  return Math.max(0, Math.ceil(total / pageSize) - 1);
}

function pagesFrom({ first, last }: { first: number; last: number }, lastOfAll: number): number[] {
  const from = Math.max(0, Math.min(first, lastOfAll));
  const to = Math.min(last, lastOfAll);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
