import { type PlaceId, placeWords } from '../../app/place.ts';
import type { StationInput } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import type { BackupStore, LoadedBackup } from '../backups/backup-store.ts';
import type { JobList } from '../jobs/job-list.ts';
import type { JobServices } from '../jobs/job-services.ts';
import { checkRestore, restoreBoard } from '../jobs/restore-board.ts';
import { onPi } from './flash-jobs.ts';
import { recordRun, type RunRecorder } from '../jobs/run-recorder.ts';

interface RestoreJobsOptions {
  /** What reaches a place. Throws `device/unreachable`. */
  readonly servicesAt: (place: PlaceId) => JobServices;
  readonly jobs: JobList;
  readonly backups: BackupStore;
  readonly isVirtual: (place: PlaceId) => boolean;
  /** Null if there is no history to write to. */
  readonly recorder: RunRecorder | null;
  /** Why there is none, as a sentence. */
  readonly unrecorded?: string | null;
  /** The current operator, for the history. */
  readonly operator: () => string | null;
}

/** Restores backups as jobs. */
export class RestoreJobs {
  readonly #options: RestoreJobsOptions;

  constructor(options: RestoreJobsOptions) {
    this.#options = options;
  }

  /**
   * Reads and checks the backup, then queues the job. `checkStart` is called when its turn has come and may refuse by
   * throwing. Throws as `backups.restore` of the contract does.
   */
  async start(
    order: StationInput<'backups.restore'>,
    checkStart: () => void = () => undefined,
  ): Promise<{ jobId: string }> {
    const { place, label } = order;
    const { servicesAt, jobs, backups, isVirtual, recorder, operator, unrecorded = null } = this.#options;
    const services = servicesAt(place);
    const backup = await backups.loadFrom(order);
    this.#check(place, backup);
    const { presetId = null, variantId = null } = backup.record ?? {};
    const jobId = jobs.start({
      kind: 'restore',
      place,
      ...onPi(place),
      presetId: presetId === null ? null : `${presetId}:${variantId ?? ''}`,
      run: async ({ signal, emit }) => {
        checkStart();
        this.#check(place, backup);
        const note = (text: string): void => emit({ type: 'note', text });
        await using _hold = await services.hold?.(place, { note, signal });
        if (unrecorded !== null)
          emit({ type: 'note', text: `There will be no record of this: ${unrecorded}` });
        const plan = {
          kind: 'restore',
          place,
          board: presetId === null ? null : { presetId, variantId },
          images: { bootloader: null, application: null },
          backupId: backup.name,
          operator: order.operator ?? operator(),
          isVirtual: isVirtual(place),
        } as const;
        const askLabel = (): Promise<string | null> => Promise.resolve(label);
        const report = await recordRun(recorder, plan, emit, (onEvent) =>
          restoreBoard(services, { place, backup, askLabel, signal, onEvent }),
        );
        return { kind: 'restore', ...report };
      },
    });
    return { jobId };
  }

  /** See `backups.check` of the contract. */
  async check(order: StationInput<'backups.check'>, signal: AbortSignal): Promise<void> {
    const { place, label } = order;
    const { servicesAt, backups } = this.#options;
    const services = servicesAt(place);
    const backup = await backups.loadFrom(order);
    this.#check(place, backup);
    const askLabel = (): Promise<string | null> => Promise.resolve(label);
    await using _hold = await services.hold?.(place, { note: () => undefined, signal });
    await checkRestore(services, { place, backup, askLabel, signal });
  }

  #check(place: PlaceId, { name, record }: LoadedBackup): void {
    const { isVirtual } = this.#options;
    if (record !== null && record.virtual !== isVirtual(place)) {
      const message = `The backup ${name} is of a ${record.virtual ? 'virtual' : 'real'} board, and the one on ${placeWords(place)} is not.`;
      throw new CanopusError('backup/wrong-chip', message, { backup: name, place }, { state: 'untouched' });
    }
  }
}
