import { aborted } from '../../../app/aborted.ts';
import { CanopusError } from '../../../app/errors.ts';
import { piOf, placeWords, type PlaceId } from '../../../app/place.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { JobList } from '../../jobs/job-list.ts';
import type { JobServices } from '../../jobs/job-services.ts';
import type { LiveBoards } from '../live-boards.ts';
import type { PiLink } from './pi-link.ts';
import type { PiReach } from './pi-reach.ts';

interface PiReachesOptions {
  readonly boards: Pick<LiveBoards, 'add'>;
  readonly clock: Clock;
  readonly jobs: JobList;
  /** Throws `pi/unknown`. */
  readonly link: (piId: string) => PiLink;
}

interface Followed {
  reach: Promise<PiReach>;
  users: number;
}

const never = new AbortController().signal;

/** The boards of Pis, each as long as a client follows them or work runs there. */
export class PiReaches implements AsyncDisposable {
  readonly #options: PiReachesOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #open = new Map<string, PiReach>();

  constructor(options: PiReachesOptions) {
    this.#options = options;
  }

  /** See `pi.boards` of the contract. */
  async *follow(piId: string, signal: AbortSignal): AsyncGenerator<{ ready: true }, void, void> {
    const followed = this.#begin(piId, signal);
    followed.users += 1;
    try {
      const reach = await followed.reach;
      yield { ready: true };
      await Promise.race([aborted(signal), reach.ended]);
      if (!signal.aborted && reach.failure !== null) throw reach.failure;
    } finally {
      followed.users -= 1;
      void this.#release(piId, followed);
    }
  }

  /** For work at a place of a Pi whose boards are followed. Throws `device/unreachable`. */
  servicesAt(place: PlaceId): JobServices {
    return this.#reachOf(piOf(place) ?? '', placeWords(place)).services;
  }

  /**
   * Does `work` with a CAN interface of a Pi whose boards are followed, without the Klippers on that bus. Throws
   * `device/unreachable`, as `hold` of its services does and as `work` does.
   */
  async onBus<T>(
    piId: string,
    interfaceName: string,
    { note, signal }: { readonly note: (text: string) => void; readonly signal: AbortSignal },
    work: (services: JobServices) => Promise<T>,
  ): Promise<T> {
    const reach = this.#reachOf(piId, `${interfaceName} of the Pi ${piId}`);
    await using _held = await reach.holdBus(interfaceName, note, signal);
    return await work(reach.services);
  }

  /** Stops the Klipper of a printer of a Pi whose boards are followed. Throws as `onBus` does. */
  holdPrinter(
    piId: string,
    printer: string,
    note: (text: string) => void,
    signal: AbortSignal,
  ): Promise<AsyncDisposable> {
    return this.#reachOf(piId, `${printer} of the Pi ${piId}`).holdPrinter(printer, note, signal);
  }

  #reachOf(piId: string, words: string): PiReach {
    const reach = this.#open.get(piId);
    if (reach !== undefined && reach.failure === null) return reach;
    const message = `${words} cannot be reached: the boards of that Pi are not followed.`;
    throw new CanopusError('device/unreachable', message, { piId, on: 'pi' }, { state: 'untouched' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#followed.values()];
    this.#followed.clear();
    this.#open.clear();
    await Promise.all(all.map(({ reach }) => reach.then(close, () => undefined)));
  }

  #begin(piId: string, signal: AbortSignal): Followed {
    const known = this.#followed.get(piId);
    if (known !== undefined) return known;
    const { boards, clock, link } = this.#options;
    const reach = import('./pi-reach.ts').then(({ PiReach: Reach }) =>
      Reach.open({ piId, link: link(piId), boards, clock }, signal),
    );
    const followed: Followed = { reach, users: 0 };
    this.#followed.set(piId, followed);
    reach.then(
      (opened) => {
        this.#open.set(piId, opened);
        void opened.ended.then(() => this.#forget(piId, followed));
      },
      () => this.#forget(piId, followed),
    );
    return followed;
  }

  /** Ends it once no client follows it and no work runs there. */
  async #release(piId: string, followed: Followed): Promise<void> {
    const { jobs } = this.#options;
    for (;;) {
      if (followed.users > 0 || this.#followed.get(piId) !== followed) return;
      const job = jobs.running.find(({ place }) => place !== null && piOf(place) === piId);
      if (job === undefined) break;
      for await (const { endedAt } of jobs.follow(job.id, never)) if (endedAt !== null) break;
    }
    await this.#forget(piId, followed);
  }

  async #forget(piId: string, followed: Followed): Promise<void> {
    if (this.#followed.get(piId) !== followed) return;
    this.#followed.delete(piId);
    this.#open.delete(piId);
    await followed.reach.then(close, () => undefined);
  }
}

const close = (reach: PiReach): Promise<void> => reach[Symbol.asyncDispose]();
