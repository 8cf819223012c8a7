import type { StationClient, StationEvent } from '../../../app/contract/station-contract.ts';
import { followJob } from '../../station/follow-job.ts';
import { FrameBatch } from '../../station/frame-batch.ts';
import { lineOf } from './job-lines.ts';

interface LogLine {
  readonly number: number;
  readonly at: string;
  readonly text: string;
  readonly level: 'plain' | 'warning' | 'error';
}

/** Older lines are dropped here: the station keeps all. */
const keptLines = 2000;

/** The lines of one job from its start, while the log is shown. */
export class JobLog {
  lines: readonly LogLine[] = $state.raw([]);
  readonly #stop = new AbortController();
  readonly #batch = new FrameBatch();
  #count = 0;

  constructor(client: StationClient, jobId: string) {
    const { signal } = this.#stop;
    void followJob(client, jobId, signal, (event) => this.#batch.add(() => this.#take(event)));
  }

  close(): void {
    this.#stop.abort();
  }

  #take({ at, event }: StationEvent<'jobs.watch'>): void {
    const text = lineOf(event);
    if (text === null) return;
    const isBad = event.type === 'ended' && event.error !== null;
    const level = event.type === 'line' ? event.level : isBad ? 'error' : 'plain';
    this.#count += 1;
    this.lines = [...this.lines.slice(1 - keptLines), { number: this.#count, at, text, level }];
  }
}
