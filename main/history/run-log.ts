import type { Clock } from '../../app/transport/clock.ts';
import { erasedSectors, type ImagePlaces } from '../../app/history/erased-sectors.ts';
import {
  endPhase,
  newProgress,
  progressAfter,
  progressAtFailure,
  withBoard,
} from '../../app/history/run-progress.ts';
import { boardStates, type CanopusError } from '../../app/errors.ts';
import type { RunEntry, RunPlan, RunRecorder } from '../jobs/run-recorder.ts';
import type { RunChange, RunEnd, RunWriter } from './run-writer.ts';

/** Records runs in the history as they go on: one write for everything that must be known after a crash. */
export class RunLog implements RunRecorder {
  readonly #writer: RunWriter;
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #now: () => Date;
  readonly #changed: () => void;

  constructor(writer: RunWriter, clock: Pick<Clock, 'nowMs'>, changed: () => void, now = () => new Date()) {
    this.#writer = writer;
    this.#clock = clock;
    this.#changed = changed;
    this.#now = now;
  }

  begin(plan: RunPlan): RunEntry {
    let progress = newProgress(plan.kind, plan.uid ?? null, plan.backupId ?? null);
    let places = placesOf(plan.images);
    const run = this.#writer.begin(plan, progress, this.#stamp());
    this.#changed();
    const change = (): RunChange => ({
      progress,
      erases: erasedSectors(progress.erases, places),
      at: this.#stamp(),
    });
    const end = (status: RunEnd['status'], error: CanopusError | null): void => {
      this.#writer.end(run, { ...change(), status, error });
      this.#changed();
    };
    return {
      id: run.id,
      take: (event) => {
        const next = progressAfter(progress, event, this.#clock.nowMs());
        if (next === progress) return;
        progress = next;
        this.#writer.update(run, change());
        this.#changed();
      },
      images: (images) => {
        places = placesOf(images);
        this.#writer.setImages(run, images, plan.isVirtual);
        this.#changed();
      },
      done: (board) => {
        progress = { ...withBoard(endPhase(progress, this.#clock.nowMs()), board), step: 'done' };
        end('done', null);
      },
      failed: (error) => {
        const { phase } = progress;
        const state = boardStates.find((known) => known === error.state) ?? null;
        // The history must say where it stopped, even if nothing else can go on.
        progress = { ...endPhase(progressAtFailure(progress, state), this.#clock.nowMs()), phase };
        end(error.code === 'cancelled' ? 'cancelled' : 'failed', error);
      },
    };
  }

  #stamp(): string {
    return this.#now().toISOString();
  }
}

function placesOf({ bootloader, application }: RunPlan['images']): ImagePlaces {
  return {
    mcu: (application ?? bootloader)?.info.mcu ?? null,
    bootloader: bootloader?.info ?? null,
    application: application?.info ?? null,
  };
}
