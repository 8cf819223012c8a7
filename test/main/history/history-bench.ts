import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { History } from '../../../main/history/history.ts';
import type { RunPlan } from '../../../main/jobs/run-recorder.ts';
import { imagesFor } from '../jobs/bench-run.ts';

/** A folder for one test, with the histories that were opened in it; all gone at the end. */
export class HistoryBench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'canopus-history-'));
  readonly file = join(this.folder, 'history.sqlite');
  readonly #open: History[] = [];
  /** What the clock says; moves on by a second with every look at it. */
  #nowMs = Date.parse('2026-05-04T08:00:00.000Z');

  async open(): Promise<History> {
    const history = await History.open({
      folder: this.folder,
      clock: { nowMs: () => this.#nowMs },
      now: () => new Date((this.#nowMs += 1000)),
    });
    this.#open.push(history);
    return history;
  }

  [Symbol.dispose](): void {
    for (const history of this.#open) history[Symbol.dispose]();
    rmSync(this.folder, { recursive: true });
  }
}

export async function samplePlan(more: Partial<RunPlan> = {}): Promise<RunPlan> {
  return {
    kind: 'flash-board',
    place: 'usb:1-1',
    board: { presetId: 'btt-octopus-pro-1.1', variantId: 'f446' },
    images: await imagesFor(),
    operator: 'Ada',
    isVirtual: false,
    ...more,
  };
}
