import type { JobEvent, StationClient } from '../../../app/contract/station-contract.ts';
import type { ProofEvent } from '../../../app/pi/proof.ts';
import { followJob } from '../../station/follow-job.ts';

type StepEvent = Extract<JobEvent, { type: 'pi-step' }>;

/** The steps and proofs of one job on a Pi from its start, while it is shown. */
export class PiRun {
  /** Null until the journal is on the Pi. */
  changeId: string | null = $state(null);
  stepCount = $state(0);
  steps: readonly StepEvent[] = $state.raw([]);
  proofs: readonly ProofEvent[] = $state.raw([]);
  readonly #stop = new AbortController();

  constructor(client: StationClient, jobId: string) {
    void followJob(client, jobId, this.#stop.signal, ({ event }) => this.take(event));
  }

  close(): void {
    this.#stop.abort();
  }

  take(event: JobEvent): void {
    switch (event.type) {
      case 'pi-journal':
        this.changeId = event.id;
        this.stepCount = event.steps;
        return;
      case 'pi-step':
        this.steps = [...this.steps.filter(({ index }) => index !== event.index), event];
        return;
      case 'pi-proof':
        this.proofs = [...this.proofs.filter(({ proof }) => proof !== event.proof), event];
        return;
      default:
        // All other events belong to other kinds of work, or the job itself shows them.
        return;
    }
  }
}
