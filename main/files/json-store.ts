import { constants } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod/mini';
import { CanopusError } from '../../app/errors.ts';
import { writeFileAtomically } from './atomic-file.ts';
import { systemErrorCode, toFileError } from './file-errors.ts';
import { makeFolder } from './make-folder.ts';

/** Receives a parsed record that this version cannot read, and the reason. */
export type SetAside = (record: unknown, reason: unknown) => void;

/** How a value is kept as JSON. */
export interface JsonFormat<T> {
  readonly empty: T;
  /** Reads each record separately and passes on those it cannot read. Throws if the whole has another shape. */
  read(json: unknown, setAside: SetAside): T;
  write(value: T): unknown;
}

interface JsonStoreOptions<T> {
  readonly path: string;
  readonly format: JsonFormat<T>;
  readonly mode?: number;
  /** Called for everything that could not be read, set aside or written. */
  readonly report: (error: unknown) => void;
}

/**
 * A value in one JSON file. An unreadable record never costs the others: it goes to `<path>.set-aside` before the file
 * is written again, and a file of another format is copied to `<path>.unreadable`. A file that cannot be read or copied
 * is never overwritten. A crash leaves the old content or the new one.
 */
export class JsonStore<T> {
  readonly #options: JsonStoreOptions<T>;
  #current: T;
  #next: { readonly value: T } | null = null;
  #writing: Promise<void> | null = null;
  /** Why the file must not be written; null if it may be. */
  #blocked: CanopusError | null;

  private constructor(options: JsonStoreOptions<T>, current: T, blocked: CanopusError | null) {
    this.#options = options;
    this.#current = current;
    this.#blocked = blocked;
  }

  /** Never throws: problems are reported, and the format's empty value is used. */
  static async open<T>(options: JsonStoreOptions<T>): Promise<JsonStore<T>> {
    const { path, format, report } = options;
    try {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (systemErrorCode(error) === 'ENOENT') return null;
        throw toFileError(error, path, 'read');
      });
      return new JsonStore(options, text === null ? format.empty : await readText(options, text), null);
    } catch (error) {
      report(error);
      return new JsonStore(options, format.empty, toFileError(error, path, 'read'));
    }
  }

  get current(): T {
    return this.#current;
  }

  /** Saves a value; if several arrive while the file is written, only the newest is written. */
  keep(value: T): void {
    this.#current = value;
    this.#next = { value };
    this.#writing ??= this.#writeNewest();
  }

  /** Saves a value and waits until it is on disk. Throws `file/*`; then the previous value stays current. */
  async save(value: T): Promise<void> {
    await this.settled();
    await this.#write(value);
    this.#current = value;
  }

  /** Resolves when every value is on disk, or could not be written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #writeNewest(): Promise<void> {
    try {
      for (let next = this.#next; next !== null; next = this.#next) {
        this.#next = null;
        await this.#write(next.value);
      }
    } catch (error) {
      this.#options.report(error);
    } finally {
      this.#writing = null;
    }
  }

  async #write(value: T): Promise<void> {
    const { path, format, mode } = this.#options;
    if (this.#blocked !== null) throw this.#blocked;
    try {
      await makeFolder(dirname(path));
    } catch (error) {
      throw toFileError(error, path, 'write');
    }
    const text = `${JSON.stringify(format.write(value), null, 2)}\n`;
    await writeFileAtomically(path, Buffer.from(text), { mode: mode ?? 0o600 });
  }
}

async function readText<T>({ path, format, report }: JsonStoreOptions<T>, text: string): Promise<T> {
  const aside: { readonly reason: string; readonly record: unknown }[] = [];
  let value: T;
  try {
    value = format.read(JSON.parse(text), (record, reason) => {
      aside.push({ reason: reason instanceof Error ? reason.message : String(reason), record });
    });
  } catch (error) {
    const kept = await copyToFreeName(path, `${path}.unreadable`);
    report(unreadable(path, `It was kept as ${kept}, and a new one was started.`, error));
    return format.empty;
  }
  if (aside.length > 0) {
    const asidePath = `${path}.set-aside`;
    await addToList(asidePath, aside);
    const [{ reason } = { reason: '' }] = aside;
    report(unreadable(path, `${aside.length} of its records are kept in ${asidePath}. ${reason}`, null));
  }
  return value;
}

/** Adds records to a list in a file; existing ones stay. */
async function addToList(path: string, records: readonly unknown[]): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) === 'ENOENT') return '[]';
    throw toFileError(error, path, 'read');
  });
  const before = z.array(z.unknown()).parse(JSON.parse(text));
  const known = new Set(before.map((record) => JSON.stringify(record)));
  const added = records.filter((record) => !known.has(JSON.stringify(record)));
  if (added.length === 0) return;
  const all = JSON.stringify([...before, ...added], null, 2);
  await writeFileAtomically(path, Buffer.from(all), { mode: 0o600 });
}

/** Copies a file to the first free name beside it, and returns that name. */
async function copyToFreeName(path: string, wanted: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    try {
      await copyFile(path, name, constants.COPYFILE_EXCL);
      return name;
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw toFileError(error, name, 'write');
    }
  }
}

function unreadable(path: string, kept: string, cause: unknown): CanopusError {
  const message = `${path} holds something that this version cannot read. ${kept}`;
  return new CanopusError('file/unreadable', message, { path }, { cause });
}
