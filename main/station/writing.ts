import type { PlaceId } from '../../app/place.ts';
import type { JobView, StationInput } from '../../app/contract/station-contract.ts';
import type { JobList } from '../jobs/job-list.ts';
import type { ClaimHolder, Claims } from './claims.ts';
import type { FlashJobs, FlashMore } from './flash-jobs.ts';
import type { RestoreJobs } from './restore-jobs.ts';

/** A run that was started. Its starter follows it; it goes on without. */
export interface StartedRun {
  readonly jobId: string;
  /**
   * What is known about the run: now, even if it has ended, then after each change. Ends after the end of the run,
   * or when the signal is aborted.
   */
  follow(signal: AbortSignal): AsyncGenerator<JobView, void, void>;
}

interface WritingOptions {
  readonly flash: Pick<FlashJobs, 'start' | 'search'>;
  readonly restores: Pick<RestoreJobs, 'start' | 'check'>;
  readonly jobs: Pick<JobList, 'follow'>;
  readonly claims: Claims;
}

/**
 * The one way to write to a board: an order and a claim to its place make a run. Flows, the bench, the window and the
 * command line start theirs here. `own` is null for a person or a client who asks for just this. The place must be free
 * when the run is queued and when its turn comes: `device/claimed`.
 */
export class Writing {
  readonly #options: WritingOptions;

  constructor(options: WritingOptions) {
    this.#options = options;
  }

  /** Throws as `flash.start` of the contract. */
  async flash(
    order: StationInput<'flash.start'>,
    own: ClaimHolder | null = null,
    more: FlashMore = {},
  ): Promise<StartedRun> {
    const { flash, claims } = this.#options;
    const checkStart = (): void => {
      claims.require(order.place, own);
      more.checkStart?.();
    };
    const { jobId } = await claims.reserved(order.place, own, () =>
      flash.start(order, { ...more, checkStart }),
    );
    return this.#started(jobId);
  }

  /** Throws as `backups.restore` of the contract. */
  async restore(order: StationInput<'backups.restore'>, own: ClaimHolder | null = null): Promise<StartedRun> {
    const { restores, claims } = this.#options;
    const checkStart = (): void => claims.require(order.place, own);
    const { jobId } = await claims.reserved(order.place, own, () => restores.start(order, checkStart));
    return this.#started(jobId);
  }

  /** See `backups.check` of the contract. */
  checkRestore(order: StationInput<'backups.check'>, signal: AbortSignal): Promise<void> {
    return this.besideRuns(order.place, () => this.#options.restores.check(order, signal));
  }

  /** Does `work` with a board while no run is started there. Throws `device/claimed`. */
  besideRuns<T>(place: PlaceId, work: () => Promise<T>): Promise<T> {
    return this.#options.claims.reserved(place, null, work);
  }

  /** Begins the search that a run offers; false if it offers none. */
  search(jobId: string): boolean {
    return this.#options.flash.search(jobId);
  }

  #started(jobId: string): StartedRun {
    return { jobId, follow: (signal) => this.#options.jobs.follow(jobId, signal) };
  }
}
