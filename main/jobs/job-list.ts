import { occupiedBy, type PlaceId } from '../../app/place.ts';
import { crossableError, type InternalLog } from '../../app/contract/crossable-error.ts';
import { toWireError } from '../../app/contract/frames.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import type { Numbered } from '../../app/contract/define.ts';
import type { JobEvent, JobView, StationEvent } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import { JobJournal } from './job-journal.ts';
import { jobAfter, jobWithReport } from './job-view.ts';

export interface JobContext {
  /** Aborted when the job is cancelled; the work ends at its next safe point. */
  readonly signal: AbortSignal;
  readonly emit: (event: Exclude<JobEvent, { type: 'ended' }>) => void;
}

export interface NewJob {
  readonly kind: JobView['kind'];
  readonly place: PlaceId | null;
  /** The Pi that it works on, if any. */
  readonly piId?: string;
  readonly presetId: string | null;
  /**
   * Jobs with the same queue run one after the other. Default: the port, for a node its bridge's, or the Pi; otherwise the
   * job does not wait.
   */
  readonly queue?: string;
  /** Resolves with the report; throws if the job fails. */
  run(context: JobContext): Promise<JobView['report']>;
}

interface Entry {
  readonly controller: AbortController;
  readonly journal: JobJournal;
  readonly ended: Promise<void>;
}

/** How many finished jobs are remembered. */
const keptEnded = 200;
/** Progress is shown no more often than an eye can follow; everything else at once. */
const progressEveryMs = 40;

/**
 * The work of a station. A job belongs to the station and not to the window that started it: it runs until it is done,
 * fails or is cancelled, with or without a viewer. Jobs on one USB port, and on one Pi, run one after the other.
 */
export class JobList implements AsyncDisposable {
  readonly #table = new LiveTable<JobView>();
  readonly #entries = new Map<string, Entry>();
  /** The end of the last job on each port and each Pi. */
  readonly #queues = new Map<string, Promise<void>>();
  readonly #log: InternalLog;
  readonly #now: () => Date;
  #count = 0;

  constructor(log: InternalLog, now: () => Date = () => new Date()) {
    this.#log = log;
    this.#now = now;
  }

  /** Queues a job and returns its id. */
  start(job: NewJob): string {
    this.#count += 1;
    const id = `${this.#now().getTime().toString(36)}-${this.#count}`;
    const controller = new AbortController();
    const journal = new JobJournal();
    this.#table.set({
      id,
      kind: job.kind,
      place: job.place,
      piId: job.piId ?? null,
      presetId: job.presetId,
      status: 'queued',
      queuedAt: this.#now().toISOString(),
      startedAt: null,
      endedAt: null,
      step: null,
      phase: null,
      safeToStop: true,
      progress: null,
      ask: null,
      sight: null,
      offer: null,
      search: null,
      uid: null,
      canbusUuid: null,
      canbusUuidSource: null,
      backupId: null,
      error: null,
      build: null,
      piStep: null,
      proofs: [],
      report: null,
    });
    // The names of ports and of Pis cannot be the same.
    const occupied = job.place === null ? null : occupiedBy(job.place);
    const resource = job.queue ?? (job.piId === undefined ? occupied : `pi ${job.piId}`);
    const before = resource === null ? undefined : this.#queues.get(resource);
    const ended = this.#run(id, job, controller.signal, journal, before ?? Promise.resolve());
    if (resource !== null) this.#queues.set(resource, ended);
    this.#entries.set(id, { controller, journal, ended });
    this.#forgetOldest();
    return id;
  }

  all(): readonly JobView[] {
    return this.#table.all();
  }

  /** Throws `job/unknown`. */
  get(id: string): JobView {
    const view = this.#table.get(id);
    if (view !== null) return view;
    throw new CanopusError('job/unknown', `There is no job ${id}.`, { jobId: id });
  }

  /** False if the job has ended, or never existed. */
  cancel(id: string): boolean {
    const view = this.#table.get(id);
    if (view === null || view.endedAt !== null) return false;
    this.#entries.get(id)?.controller.abort(new CanopusError('cancelled', 'The job was cancelled.'));
    return true;
  }

  /** Jobs that have not ended. */
  get running(): readonly JobView[] {
    return this.all().filter((view) => view.endedAt === null);
  }

  overview(signal: AbortSignal): AsyncGenerator<TableEvent<JobView>, void, void> {
    return this.#table.follow(signal);
  }

  /** A job now, then after each change; ends after its end, when it is forgotten, or when the signal is aborted. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<JobView, void, void> {
    for await (const view of this.#table.followItem(id, signal)) {
      yield view;
      if (view.endedAt !== null) return;
    }
  }

  /** The events of a job after number `after`, until the job ends. */
  watch(
    id: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<Numbered<StationEvent<'jobs.watch'>>, void, void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new CanopusError('job/unknown', `There is no job ${id}.`, { jobId: id });
    return entry.journal.follow(after, signal);
  }

  /** Cancels everything and waits until it has ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { id } of this.running) this.cancel(id);
    await Promise.all([...this.#entries.values()].map((entry) => entry.ended));
  }

  async #run(
    id: string,
    job: NewJob,
    signal: AbortSignal,
    journal: JobJournal,
    before: Promise<void>,
  ): Promise<void> {
    await before;
    const happen = (event: JobEvent): void => {
      const at = this.#now();
      journal.add({ at: at.toISOString(), event });
      const view = this.#table.get(id);
      if (view === null) return;
      const isMinor = event.type === 'progress' && event.bytesDone < event.bytesTotal;
      const wasLatelyShown = at.getTime() - shownAtMs < progressEveryMs;
      if (isMinor && wasLatelyShown && view.progress?.phase === event.phase) return;
      shownAtMs = at.getTime();
      this.#table.set(jobAfter(view, event, at.toISOString()));
    };
    let shownAtMs = 0;
    try {
      signal.throwIfAborted();
      this.#update(id, { status: 'running', startedAt: this.#now().toISOString() });
      const report = await job.run({ signal, emit: happen });
      const view = this.#table.get(id);
      if (view !== null) this.#table.set(jobWithReport(view, report));
      happen({ type: 'ended', status: 'done', error: null });
    } catch (thrown) {
      const error = crossableError(thrown, job.kind, this.#log);
      const status = error.code === 'cancelled' ? 'cancelled' : 'failed';
      happen({ type: 'ended', status, error: toWireError(error) });
    }
    journal.end();
  }

  #update(id: string, change: Partial<JobView>): void {
    const view = this.#table.get(id);
    if (view !== null) this.#table.set({ ...view, ...change });
  }

  #forgetOldest(): void {
    const ended = this.all().filter((view) => view.endedAt !== null);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - keptEnded))) {
      this.#entries.delete(id);
      this.#table.delete(id);
    }
  }
}
