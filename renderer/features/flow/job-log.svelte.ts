import type { StationClient, StationEvent } from '../../../app/contract/station-contract.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { FrameBatch } from '../../station/frame-batch.ts';
import { lineOf } from './job-lines.ts';

export interface LogLine {
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
    void this.#follow(client, jobId);
  }

  close(): void {
    this.#stop.abort();
  }

  async #follow(client: StationClient, jobId: string): Promise<void> {
    try {
      const { signal } = this.#stop;
      for await (const event of client.stream('jobs.watch', { jobId }, { signal })) {
        this.#batch.add(() => this.#take(event));
      }
    } catch (error) {
      // A forgotten job has no log any more; its result is shown elsewhere.
      if (!isCanopusError(error)) throw error;
    }
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
