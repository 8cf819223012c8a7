import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../../app/transport/clock.ts';
import { LiveValue } from '../../app/contract/live-value.ts';
import { CanopusError } from '../../app/errors.ts';
import type { BoardCode } from '../../app/history/board-code.ts';
import type { BoardFacts } from '../../app/history/board-facts.ts';
import type { RunCursor, RunFilter } from '../../app/history/run-filter.ts';
import type { RunRecord } from '../../app/history/run-record.ts';
import { ownIdentity } from '../files/process-identity.ts';
import type { RunRecorder } from '../jobs/run-recorder.ts';
import { canopusVersion } from '../version.ts';
import { lookUpBoard, type LookupOptions } from './board-lookup.ts';
import { chipWear, type ChipWear } from './chip-wear.ts';
import { filterChoices, type FilterChoices } from './filter-choices.ts';
import { markInterrupted } from './interrupted-runs.ts';
import { openDatabase, type Database } from './open-database.ts';
import { RunLog } from './run-log.ts';
import { countRuns, pageOfRuns, sliceOfRuns, type RunPage } from './run-queries.ts';
import { readRuns } from './run-rows.ts';
import { RunWriter } from './run-writer.ts';

export interface HistoryOptions {
  /** The folder for data that cannot be recreated; the history is `history.sqlite` in it. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly now?: () => Date;
}

/** What was done to which board on this computer: see docs/history.md. Any number of processes may have it open. */
export class History implements Disposable {
  /** Writes the runs of this process and session. */
  readonly recorder: RunRecorder;
  /** Identifies this program's session among all that write here. */
  readonly session: string;
  readonly #database: Database;
  readonly #now: () => Date;
  readonly #changes = new LiveValue(0);

  private constructor(database: Database, recorder: RunRecorder, session: string, options: HistoryOptions) {
    this.#database = database;
    this.recorder = recorder;
    this.session = session;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Opens the history of a folder and marks runs that were interrupted since it was last opened. Throws `history/…`.
   */
  static async open(options: HistoryOptions): Promise<History> {
    const { folder, clock, now = () => new Date() } = options;
    const file = join(folder, 'history.sqlite');
    const database = openDatabase(file);
    const session = `${now().toISOString()}-${randomBytes(4).toString('hex')}`;
    const author = { process: await ownIdentity(), session, station: canopusVersion };
    const log = new RunLog(new RunWriter(database, file, author), clock, () => history.#changed(), now);
    const history = new History(database, log, session, options);
    await history.markInterrupted();
    return history;
  }

  /** How many changes this process made: the number now, then after each change; a slow reader gets only the last. */
  changes(signal: AbortSignal): AsyncGenerator<number, void, void> {
    return this.#changes.follow(signal);
  }

  /** Checks again for runs whose process is gone. Returns how many there were. */
  markInterrupted(): Promise<number> {
    return markInterrupted(this.#database);
  }

  /** Matching runs, newest first; `after` is where the previous page ended. */
  page(filter: RunFilter, limit: number, after: RunCursor | null = null): RunPage {
    return pageOfRuns(this.#database, filter, limit, after);
  }

  /** Like `page`, from place `offset` on. */
  slice(filter: RunFilter, limit: number, offset: number): RunRecord[] {
    return sliceOfRuns(this.#database, filter, limit, offset);
  }

  count(filter: RunFilter): number {
    return countRuns(this.#database, filter);
  }

  /** Throws `history/unknown-run`. */
  get(id: number): RunRecord {
    const [run] = readRuns(this.#database, this.#database.prepare('select * from runs where id = ?').all(id));
    if (run !== undefined) return run;
    throw new CanopusError('history/unknown-run', `There is no run ${id}.`, { id });
  }

  /** Interrupted runs that no person has acknowledged, newest first. */
  interrupted(): RunRecord[] {
    const rows = this.#database
      .prepare(
        `select * from runs where status = 'interrupted' and acknowledged_at is null
         order by started_at desc, id desc limit 100`,
      )
      .all();
    return readRuns(this.#database, rows);
  }

  /** Records that a person has acknowledged an interrupted run. Throws `history/unknown-run`. */
  acknowledge(id: number): void {
    const { changes } = this.#database
      .prepare(`update runs set acknowledged_at = coalesce(acknowledged_at, :at) where id = :id`)
      .run({ id, at: this.#now().toISOString() });
    if (changes === 0) throw new CanopusError('history/unknown-run', `There is no run ${id}.`, { id });
    this.#changed();
  }

  /** The wear of the chip with this UID. */
  wear(uid: string): ChipWear {
    return chipWear(this.#database, uid.toUpperCase());
  }

  /** What is known about a board; null if no run has it. */
  what(code: BoardCode, options: LookupOptions): BoardFacts | null {
    return lookUpBoard(this.#database, code, options);
  }

  /** The values that runs differ in, to choose from. */
  choices(): FilterChoices {
    return filterChoices(this.#database);
  }

  /** SHA-256 of every image that a run was about to write to a real board: the cache must keep those. */
  heldImages(): ReadonlySet<string> {
    const rows = this.#database.prepare('select sha256 from held_images').all();
    return new Set(rows.map((row) => z.object({ sha256: z.string() }).parse(row).sha256));
  }

  #changed(): void {
    this.#changes.set(this.#changes.current + 1);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}
