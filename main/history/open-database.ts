import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import * as z from 'zod/mini';
import { CanopusError } from '../../app/errors.ts';
import { systemErrorCode } from '../files/file-errors.ts';
import { migrations as allMigrations } from './migrations.ts';

export type Database = InstanceType<typeof DatabaseSync>;

/** How long to wait for another process that writes; its transactions take milliseconds, a migration seconds. */
const busyTimeoutMs = 10_000;

/**
 * Opens a history, creating or updating it as needed. Any number of processes may have it open.
 *
 * WAL, and synchronous=FULL: a commit is on disk when it returns, so neither a kill nor a power cut loses what was
 * reported as written, and a transaction is there whole or not at all (https://sqlite.org/wal.html,
 * https://sqlite.org/pragma.html#pragma_synchronous).
 *
 * Throws `history/unwritable`, `history/damaged` and `history/newer`.
 */
export function openDatabase(file: string, migrations: readonly string[] = allMigrations): Database {
  return translated(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    keepForUser(file);
    const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
    try {
      prepare(database, file, migrations);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Only its user may read a history. SQLite gives the files beside it the same mode. */
function keepForUser(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  } catch {
    // A file of another user, or a folder that cannot be written: SQLite says what is wrong.
  }
}

function prepare(database: Database, file: string, migrations: readonly string[]): void {
  database.exec('pragma journal_mode = wal; pragma synchronous = full;');
  if (versionOf(database) === migrations.length) return;
  // Exclusive among all that open it; a process that waited for the lock finds the work done.
  inTransaction(database, () => {
    const version = versionOf(database);
    if (version > migrations.length) {
      const message = `${file} has version ${version}, this Canopus knows up to ${migrations.length}.`;
      throw new CanopusError('history/newer', message, { file, version, known: migrations.length });
    }
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`pragma user_version = ${migrations.length}`);
  });
}

function versionOf(database: Database): number {
  const row = z.object({ user_version: z.int() });
  return row.parse(database.prepare('pragma user_version').get()).user_version;
}

/** Runs `work` in one transaction that holds the write lock from its start. */
export function inTransaction<T>(database: Database, work: () => T): T {
  database.exec('begin immediate');
  try {
    const answer = work();
    database.exec('commit');
    return answer;
  } catch (error) {
    // A full disk rolls back on its own.
    if (database.isTransaction) database.exec('rollback');
    throw error;
  }
}

/** SQLite's primary result codes (https://sqlite.org/rescode.html): CORRUPT and NOTADB. */
const damagedCodes: ReadonlySet<number> = new Set([11, 26]);
/** PERM, BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL, NOLFS. All others are mistakes in this program. */
const unwritableCodes: ReadonlySet<number> = new Set([3, 5, 6, 8, 10, 13, 14, 15, 22]);

/** Translates what SQLite throws. Its result code is the low byte of `errcode`. */
export function translated<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CanopusError || !(error instanceof Error)) throw error;
    const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
    const isDamaged = damagedCodes.has(code);
    // ENOENT and the like, which have no underscore.
    const isUnwritable = unwritableCodes.has(code) || /^E[A-Z0-9]+$/.test(systemErrorCode(error) ?? '');
    if (!isDamaged && !isUnwritable) throw error;
    throw new CanopusError(
      isDamaged ? 'history/damaged' : 'history/unwritable',
      `${file}: ${error.message}`,
      { file },
      { cause: error },
    );
  }
}
