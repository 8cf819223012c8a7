import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { backupRecord, isBackupId, type BackupRecord } from '../../app/backups/backup-record.ts';
import { withPlaces } from '../../app/earlier-places.ts';
import { CanopusError } from '../../app/errors.ts';
import { temporarySuffix, writeFileAtomically } from '../files/atomic-file.ts';
import { systemErrorCode, toFileError } from '../files/file-errors.ts';
import { decodeHashedJson, encodeHashedJson, sha256Of } from '../files/hashed-json.ts';
import { BackupWriter, makeBackupFolder } from './backup-writer.ts';

/** What is known about a backup before it is taken. */
export type BackupFacts = Pick<
  BackupRecord,
  'place' | 'virtual' | 'dfuSerial' | 'presetId' | 'variantId' | 'runId'
>;

export interface NewBackup extends BackupFacts {
  /** The file that a person chose for the bytes; null for the station's own folder. */
  readonly file: string | null;
  readonly nowMs: () => number;
  /** Called when the backup is complete. */
  readonly onComplete: (record: BackupRecord) => void;
}

/** A backup that can be restored: its bytes are verified. */
export interface LoadedBackup {
  /** Its id, or the name of a file that is not on record. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Null for such a file: only its size can be checked. */
  readonly record: BackupRecord | null;
}

interface BackupList {
  /** Newest first. */
  readonly backups: readonly BackupRecord[];
  /** Ids of records that were altered. */
  readonly damaged: readonly string[];
}

/** Which backup: one of the two. */
export interface BackupSource {
  readonly backupId: string | null;
  readonly file?: string | null | undefined;
}

export interface BackupStoreOptions {
  readonly now?: () => Date;
  /** Free bytes in a folder; for tests. */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Leftovers of a crash are older than any backup takes. */
const leftoverAgeMs = 3_600_000;

/**
 * The backups of this computer: in `folder`, each has a file with the bytes (`ID.bin`) and one with the record
 * (`ID.json`), which is written last: bytes without a record are not a backup. Any number of processes may use it.
 */
export class BackupStore {
  readonly folder: string;
  readonly #options: BackupStoreOptions;

  constructor(folder: string, options: BackupStoreOptions = {}) {
    this.folder = folder;
    this.#options = options;
  }

  /** A sink for one backup. Throws as `BackupWriter` does. */
  async create(backup: NewBackup): Promise<BackupWriter> {
    const { file, nowMs, onComplete, ...facts } = backup;
    await makeBackupFolder(this.folder);
    await this.#sweep();
    const id = this.#newId();
    return new BackupWriter({
      path: file ?? this.#bytesPath(id),
      nowMs,
      freeBytes: this.#options.freeBytes,
      onWhole: async (written) => {
        const kept = file === null ? null : resolve(file);
        const record = {
          format: 1,
          id,
          at: this.#now().toISOString(),
          file: kept,
          ...facts,
          ...written,
        } as const;
        try {
          await this.#write(record);
        } catch (error) {
          // Bytes without a record are not a backup.
          if (file === null) await rm(this.#bytesPath(id), { force: true }).catch(() => undefined);
          throw error;
        }
        onComplete(record);
      },
    });
  }

  /** All backups, or those of one chip if a UID is given. Throws `file/unreadable`. */
  async list(uid: string | null = null): Promise<BackupList> {
    const ids = (await this.#files())
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .filter(isBackupId);
    const backups: BackupRecord[] = [];
    const damaged: string[] = [];
    for (const id of ids.sort().reverse()) {
      const record = await this.#read(id);
      if (record === 'damaged') damaged.push(id);
      else if (record !== null && (uid === null || record.uid === uid.toUpperCase())) backups.push(record);
    }
    return { backups, damaged };
  }

  /** Throws `backup/unknown` and `backup/damaged`. */
  async get(id: string): Promise<BackupRecord> {
    const record = backupRecord.shape.id.safeParse(id).success ? await this.#read(id) : null;
    if (record === 'damaged') throw damagedBackup(id, 'its record was altered');
    if (record !== null) return record;
    throw new CanopusError('backup/unknown', `There is no backup ${id}.`, { backup: id });
  }

  /** The bytes of a backup. Throws as `get` does, `file/missing`, and `backup/damaged` if the bytes differ. */
  async load(id: string): Promise<LoadedBackup> {
    const record = await this.get(id);
    const bytes = await readBytes(record.file ?? this.#bytesPath(id));
    requireSame(record, bytes);
    return { name: id, bytes, record };
  }

  /**
   * The bytes of a file, checked against its record, found by path or else by content. Throws `file/…`, and
   * `backup/damaged` if a file on record has other bytes.
   */
  async loadFile(file: string): Promise<LoadedBackup> {
    const path = resolve(file);
    const bytes = await readBytes(path);
    const sha256 = sha256Of(bytes);
    const { backups } = await this.list();
    const here = backups.find((record) => (record.file ?? this.#bytesPath(record.id)) === path);
    if (here !== undefined) requireSame(here, bytes);
    const record = here ?? backups.find((each) => each.sha256 === sha256) ?? null;
    return { name: record?.id ?? basename(file), bytes, record };
  }

  /** One by its id, else a file. Throws as `load` and `loadFile`, and `usage/invalid` for neither. */
  loadFrom({ backupId, file = null }: BackupSource): Promise<LoadedBackup> {
    if (backupId !== null) return this.load(backupId);
    if (file !== null) return this.loadFile(file);
    throw new CanopusError('usage/invalid', 'A backup has an id, or is a file.');
  }

  /** Records the UID of a chip that reported it after the backup was complete. Throws as `get` does, and `file/…`. */
  async noteUid(id: string, uid: string): Promise<BackupRecord> {
    const record = { ...(await this.get(id)), uid };
    await this.#write(record);
    return record;
  }

  /** The path of a backup's bytes. */
  pathOf({ id, file }: Pick<BackupRecord, 'id' | 'file'>): string {
    return file ?? this.#bytesPath(id);
  }

  #bytesPath(id: string): string {
    return join(this.folder, `${id}.bin`);
  }

  #recordPath(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date();
  }

  #newId(): string {
    const digits = this.#now().toISOString().replace(/\D/g, '');
    return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomBytes(2).toString('hex')}`;
  }

  async #write(record: BackupRecord): Promise<void> {
    await writeFileAtomically(this.#recordPath(record.id), encodeHashedJson(record));
  }

  async #read(id: string): Promise<BackupRecord | 'damaged' | null> {
    try {
      const parsed = backupRecord.safeParse(
        withPlaces(decodeHashedJson(await readFile(this.#recordPath(id)))),
      );
      return parsed.success && parsed.data.id === id ? parsed.data : 'damaged';
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return null;
      if (systemErrorCode(error) === 'EIO') return 'damaged';
      throw toFileError(error, this.#recordPath(id), 'read');
    }
  }

  async #files(): Promise<readonly string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw toFileError(error, this.folder, 'read');
    }
  }

  /** Removes leftovers of a crash: partial files, and bytes whose record was never written. */
  async #sweep(): Promise<void> {
    const names = await this.#files();
    for (const name of names) {
      const isOrphan = name.endsWith('.bin') && !names.includes(name.replace(/\.bin$/, '.json'));
      if (!isOrphan && !name.endsWith(temporarySuffix)) continue;
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => null);
      const isOld = found !== null && Date.now() - found.mtimeMs > leftoverAgeMs;
      if (isOld) await rm(path, { force: true }).catch(() => undefined);
    }
  }
}

/** Twice the largest flash of any STM32F4: larger files are not worth reading. */
const maxBytes = 4 * 1024 * 1024;

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw damagedBackup(path, `it has ${size} bytes, more than any STM32F4`);
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw toFileError(error, path, 'read');
  }
}

function requireSame({ id, flashBytes, sha256 }: BackupRecord, bytes: Uint8Array): void {
  if (bytes.length !== flashBytes) {
    throw damagedBackup(id, `it has ${bytes.length} bytes of ${flashBytes}`);
  }
  if (sha256Of(bytes) !== sha256) throw damagedBackup(id, 'its bytes differ from those read from the chip');
}

function damagedBackup(id: string, why: string): CanopusError {
  return new CanopusError(
    'backup/damaged',
    `The backup ${id} is damaged: ${why}.`,
    { backup: id },
    { state: 'untouched' },
  );
}
