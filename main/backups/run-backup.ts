import type { BackupRecord } from '../../app/backups/backup-record.ts';
import { toCanopusError } from '../../app/errors.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { BackupFacts, BackupStore } from './backup-store.ts';
import type { BackupWriter } from './backup-writer.ts';

export interface RunBackupOptions {
  readonly store: BackupStore;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly facts: Omit<BackupFacts, 'dfuSerial'>;
  /** The file that a person chose for the bytes; null for the station's own folder. */
  readonly file: string | null;
  readonly onEvent: (event: { type: 'backup'; backupId: string } | { type: 'note'; text: string }) => void;
}

/** The backup of one run: the content of flash before the run's first erase, taken once. */
export class RunBackup {
  readonly #options: RunBackupOptions;
  #record: BackupRecord | null = null;
  #uid: string | null = null;
  #noting: Promise<void> = Promise.resolve();

  constructor(options: RunBackupOptions) {
    this.#options = options;
  }

  /** True once it is complete: from then on, flash holds the run's own work. */
  get isTaken(): boolean {
    return this.#record !== null;
  }

  /** A sink for the chip with this serial number in ROM DFU. Throws as `BackupStore.create` does. */
  open(dfuSerial: string | null): Promise<BackupWriter> {
    const { store, clock, facts, file, onEvent } = this.#options;
    return store.create({
      ...facts,
      dfuSerial,
      file,
      nowMs: () => clock.nowMs(),
      onComplete: (record) => {
        this.#record = record;
        onEvent({ type: 'backup', backupId: record.id });
        if (this.#uid !== null) this.learnUid(this.#uid);
      },
    });
  }

  /** The chip of this run has reported its UID. The caller has made sure that it is the same chip. */
  learnUid(uid: string): void {
    this.#uid = uid;
    const record = this.#record;
    if (record === null || record.uid !== null) return;
    const { store, onEvent } = this.#options;
    this.#record = { ...record, uid };
    this.#noting = store.noteUid(record.id, uid).then(
      () => undefined,
      (error: unknown) =>
        onEvent({ type: 'note', text: `The backup does not have the UID: ${toCanopusError(error).message}` }),
    );
  }

  /** Resolves when the UID is on disk. */
  settled(): Promise<void> {
    return this.#noting;
  }
}
