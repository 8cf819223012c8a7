import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { InternalLog } from '../../app/contract/crossable-error.ts';
import { RateLimit } from '../../app/contract/limits.ts';
import { safeJson } from '../../app/safe-text.ts';
import { systemClock } from '../system-clock.ts';
import { LogFile } from './log-file.ts';
import { logText, logValue } from './log-fields.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Where a host writes what helps to find the reason for a problem. */
export interface HostLog {
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

/** As pino and bunyan number them, which viewers of logs know. */
const levels = { info: 30, warn: 40, error: 50 } as const;
type Level = keyof typeof levels;

/** Lines a second, for each level: what floods one leaves room for the others. */
const linesPerSecond = 20;

/**
 * A log in `folder/canopus.log`, a line of JSON for each entry, with stack and cause of errors. It is bounded in size
 * and in lines a second, its fields are cut, and secrets are left out. Never throws: a station works without a log.
 */
export function openHostLog(
  folder: string,
  options: { readonly clock?: { nowMs(): number }; readonly maxBytes?: number } = {},
): HostLog & { readonly file: string } {
  const { clock = systemClock, maxBytes } = options;
  const path = join(folder, 'canopus.log');
  const file = new LogFile(path, maxBytes);
  const entry = (level: Level): HostLog[Level] => {
    const limit = new RateLimit(linesPerSecond, clock.nowMs());
    let leftOut = 0;
    const line = (fields: Fields, msg: string): void => {
      const time = new Date().toISOString();
      file.write(
        `${safeJson({ level: levels[level], time, ...(logValue(fields) as Fields), msg: logText(msg) })}\n`,
      );
    };
    return (fields, message) => {
      if (!limit.take(clock.nowMs())) {
        leftOut += 1;
        return;
      }
      if (leftOut > 0) line({ leftOut }, 'lines were left out, because there were too many');
      leftOut = 0;
      line(fields, message);
    };
  };
  return { file: path, info: entry('info'), warn: entry('warn'), error: entry('error') };
}

/** Writes an error without a code to the log, under an id that a window can show. */
export function internalLog(log: HostLog): InternalLog {
  return (err, where) => {
    const logId = randomBytes(4).toString('hex');
    log.error({ logId, where, err }, 'something unexpected');
    return logId;
  };
}
