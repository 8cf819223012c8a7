import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CanopusError } from '../../../app/errors.ts';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import type { StationInput } from '../../../app/contract/station-contract.ts';
import { writeFileAtomically } from '../../files/atomic-file.ts';
import { parsePiRecords, type PiRecord } from './pi-record.ts';

/** The Pis that a person told the station about, kept in a file. */
export class PiBook {
  readonly #file: string;
  readonly #onUnsaved: (error: unknown) => void;
  readonly #records = new Map<string, PiRecord>();
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, onUnsaved: (error: unknown) => void) {
    this.#file = file;
    this.#onUnsaved = onUnsaved;
  }

  static async open(file: string, onUnsaved: (error: unknown) => void): Promise<PiBook> {
    const book = new PiBook(file, onUnsaved);
    const text = await readFile(file, 'utf8').catch(() => '[]');
    for (const record of parsePiRecords(text)) book.#records.set(record.id, record);
    return book;
  }

  get all(): readonly PiRecord[] {
    return [...this.#records.values()];
  }

  get(id: string): PiRecord | null {
    return this.#records.get(id) ?? null;
  }

  /** Throws `usage/invalid` for a target that is none, and `pi/unknown`. */
  save({ id, name, target, keyFile }: StationInput<'pi.save'>, newId: string): PiRecord {
    const { user, host, port } = parseSshTarget(target.trim());
    const before = id === null ? null : this.get(id);
    if (id !== null && before === null) throw new CanopusError('pi/unknown', `There is no Pi ${id}.`, { id });
    const record: PiRecord = {
      id: before?.id ?? newId,
      name: name ?? target.trim(),
      host,
      user,
      port,
      keyFile,
      secrets: before?.secrets ?? [],
    };
    this.#set(record);
    return record;
  }

  /** Notes that a secret is kept for a Pi under that name. */
  noteSecret(id: string, name: string): void {
    const record = this.get(id);
    if (record === null || record.secrets.includes(name)) return;
    this.#set({ ...record, secrets: [...record.secrets, name] });
  }

  remove(id: string): void {
    if (this.#records.delete(id)) this.#save();
  }

  /** Resolves when everything is on the disk, or could not be written. */
  saved(): Promise<void> {
    return this.#saving;
  }

  #set(record: PiRecord): void {
    this.#records.set(record.id, record);
    this.#save();
  }

  /** One write after the other; only the newest state matters. */
  #save(): void {
    this.#saving = this.#saving.then(async () => {
      try {
        await mkdir(dirname(this.#file), { recursive: true });
        await writeFileAtomically(this.#file, Buffer.from(JSON.stringify(this.all, null, 2)));
      } catch (error) {
        this.#onUnsaved(error);
      }
    });
  }
}
