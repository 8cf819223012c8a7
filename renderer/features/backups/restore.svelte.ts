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
  #port: string | null = $state(null);
  #jobId: string | null = $state(null);

  constructor(station: StationState, backup: BackupView) {
    this.#station = station;
    this.backup = backup;
  }

  /** Boards that may get the backup: in ROM DFU, and virtual or real like the backup. */
  get boards(): readonly (Board & { readonly portPath: string })[] {
    const { virtual } = this.backup;
    return this.#station.boards.all.flatMap((board) => {
      const { mode, portPath } = board;
      const fits = mode === 'dfu' && portPath !== null && this.#station.isVirtual(portPath) === virtual;
      return fits ? [{ ...board, portPath }] : [];
    });
  }

  /** The chosen board while it is plugged in; a single board needs no choice. */
  get port(): string | null {
    const ports = this.boards.map(({ portPath }) => portPath);
    if (this.#port !== null && ports.includes(this.#port)) return this.#port;
    return ports.length === 1 ? (ports[0] ?? null) : null;
  }

  choosePort(port: string): void {
    this.#port = port === '' ? null : port;
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
    const portPath = this.port;
    if (portPath === null) return;
    this.#jobId = null;
    const label = this.label.trim() === '' ? null : this.label.trim();
    const started = await this.asking.run(() =>
      this.#station.client.call('backups.restore', { portPath, backupId: this.backup.id, label }),
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
