import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { InternalLog } from '../../app/contract/crossable-error.ts';

/** Where a host writes what helps to find the reason for a problem. */
export interface HostLog {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** A log in `folder/canopus.log`, a line of JSON for each entry, with stack and cause of errors. */
export function openHostLog(folder: string): HostLog & { readonly file: string } {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'canopus.log');
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: file, append: true, sync: true }),
  );
  return {
    file,
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  };
}

/** Writes an error without a code to the log, under an id that a window can show. */
export function internalLog(log: HostLog): InternalLog {
  return (err, where) => {
    const logId = randomBytes(4).toString('hex');
    log.error({ logId, where, err }, 'something unexpected');
    return logId;
  };
}
