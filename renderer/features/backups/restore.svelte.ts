import { isPlace, type PlaceId } from '../../../app/place.ts';
import type { Board } from '../../../app/boards/board.ts';
import type { BackupView, JobView } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';
import type { StationState } from '../../station/station.svelte.ts';

/** The restore of one backup: the chosen port, what the label says, and the job. */
export class RestoreState {
  readonly backup: BackupView;
  /** As typed; empty if nothing was. */
  label = $state('');
  readonly asking = new Asking();
  readonly #station: StationState;
  #place: PlaceId | null = $state(null);
  #jobId: string | null = $state(null);

  constructor(station: StationState, backup: BackupView) {
    this.#station = station;
    this.backup = backup;
  }

  /** Boards that may get the backup: in ROM DFU, and virtual or real like the backup. */
  get boards(): readonly (Board & { readonly place: PlaceId })[] {
    const { virtual } = this.backup;
    return this.#station.boards.all.flatMap((board) => {
      const { mode, place } = board;
      const fits = mode === 'dfu' && place !== null && this.#station.isVirtual(place) === virtual;
      return fits ? [{ ...board, place }] : [];
    });
  }

  /** The chosen board while it is plugged in; a single board needs no choice. */
  get place(): PlaceId | null {
    const places = this.boards.map(({ place }) => place);
    if (this.#place !== null && places.includes(this.#place)) return this.#place;
    return places.length === 1 ? (places[0] ?? null) : null;
  }

  choosePlace(place: string): void {
    this.#place = isPlace(place) ? place : null;
  }

  get job(): JobView | null {
    return this.#jobId === null ? null : this.#station.jobs.get(this.#jobId);
  }

  get isRunning(): boolean {
    const job = this.job;
    // The job appears a moment after it was started.
    return this.#jobId !== null && (job === null || job.endedAt === null);
  }

  /** True if the label, or the backup's own name, may be needed. */
  get needsName(): boolean {
    return this.backup.uid === null;
  }

  async start(): Promise<void> {
    const { place } = this;
    if (place === null) return;
    this.#jobId = null;
    const label = this.label.trim() === '' ? null : this.label.trim();
    const started = await this.asking.run(() =>
      this.#station.client.call('backups.restore', { place, backupId: this.backup.id, label }),
    );
    this.#jobId = started?.jobId ?? null;
  }

  cancel(): void {
    const jobId = this.#jobId;
    if (jobId !== null) void this.#station.client.call('jobs.cancel', { jobId });
  }

  /** Back to the choice of the port after a failure. */
  again(): void {
    this.#jobId = null;
  }
}
