import { CanopusError } from '../../../app/errors.ts';
import { parseSshTarget } from '../../../app/pi/ssh-target.ts';
import type { StationInput } from '../../../app/contract/station-contract.ts';
import { JsonStore } from '../../files/json-store.ts';
import { piListFormat, type PiRecord } from './pi-record.ts';

/** The Pis that a person added to the station, stored in a file. */
export class PiList {
  readonly #file: JsonStore<readonly PiRecord[]>;
  readonly #records: Map<string, PiRecord>;

  private constructor(file: JsonStore<readonly PiRecord[]>) {
    this.#file = file;
    this.#records = new Map(file.current.map((record) => [record.id, record]));
  }

  static async open(path: string, report: (error: unknown) => void): Promise<PiList> {
    return new PiList(await JsonStore.open({ path, format: piListFormat, report }));
  }

  get all(): readonly PiRecord[] {
    return [...this.#records.values()];
  }

  get(id: string): PiRecord | null {
    return this.#records.get(id) ?? null;
  }

  /** Throws `usage/invalid` for an invalid target, and `pi/unknown`. */
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

  /** Records that a secret is stored for a Pi under that name. */
  noteSecret(id: string, name: string): void {
    const record = this.get(id);
    if (record === null || record.secrets.includes(name)) return;
    this.#set({ ...record, secrets: [...record.secrets, name] });
  }

  remove(id: string): void {
    if (this.#records.delete(id)) this.#save();
  }

  /** Resolves when everything is on disk, or could not be written. */
  saved(): Promise<void> {
    return this.#file.settled();
  }

  #set(record: PiRecord): void {
    this.#records.set(record.id, record);
    this.#save();
  }

  #save(): void {
    this.#file.keep(this.all);
  }
}
