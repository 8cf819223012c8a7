import type { DataOptions } from './station-options.ts';
import { InvalidArgumentError, type Command } from 'commander';
import { runStatuses, type RunStatus } from '../../../app/history/run-record.ts';
import type { RunFilter } from '../../../app/history/run-filter.ts';
import { parseCanbusUuid, parseSha256, parseUid } from '../../../app/units.ts';

export interface FilterOptions extends DataOptions {
  readonly uid?: string;
  readonly uuid?: string;
  readonly since?: string;
  readonly until?: string;
  readonly status?: RunStatus;
  readonly preset?: string;
  readonly operator?: string;
  readonly slot?: string;
  readonly image?: string;
  readonly text?: string;
  readonly session?: string;
  readonly virtual?: boolean;
  readonly all?: boolean;
}

/** Which runs. */
export function withFilterOptions(command: Command): Command {
  return command
    .option('--uid <uid>', "a chip's UID", hexOption(24, parseUid))
    .option('--uuid <canbus_uuid>', "a board's canbus_uuid", hexOption(12, parseCanbusUuid))
    .option('--since <time>', 'started then or later: 2026-05-04, 2026-05-04T08:30, 12h, 7d', parseTime)
    .option('--until <time>', 'started before', parseTime)
    .option('--status <status>', runStatuses.join(', '), parseStatus)
    .option('--preset <id>', 'the board, without its chip, as "canopus presets" lists it: btt-octopus')
    .option('--operator <name>', 'the operator')
    .option('--slot <name>', "the slot's name, or the port path if it has none")
    .option('--image <sha256>', 'with this image in the order', hexOption(64, parseSha256))
    .option('--text <words>', 'words that occur anywhere in a run')
    .option('--session <id>', 'of one session, as a run names it')
    .option('--virtual', 'virtual boards')
    .option('--all', 'real and virtual boards');
}

export function filterOf(options: FilterOptions): RunFilter {
  const { uid, uuid, since, until, status, preset, operator, slot, image, text, session, virtual, all } =
    options;
  return {
    uid,
    canbusUuid: uuid,
    since,
    until,
    status,
    presetId: preset,
    operator,
    slot,
    image,
    text,
    session,
    boards: all === true ? 'all' : virtual === true ? 'virtual' : 'real',
  };
}

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** A time as people write it, as ISO 8601 in UTC. A day is one of this computer's time zone. */
function parseTime(text: string): string {
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  if (count !== undefined) return new Date(Date.now() - Number(count) * (unitMs[unit] ?? 0)).toISOString();
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(isDay ? `${text}T00:00` : text) : Number.NaN;
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('must be like 2026-05-04, 2026-05-04T08:30, 12h or 7d');
  return new Date(ms).toISOString();
}

function hexOption(digits: number, parse: (text: string) => string | null) {
  return (text: string): string => {
    const parsed = parse(text);
    if (parsed === null) throw new InvalidArgumentError(`must have ${digits} hexadecimal digits`);
    return parsed;
  };
}

function parseStatus(text: string): RunStatus {
  const found = runStatuses.find((status) => status === text);
  if (found === undefined) throw new InvalidArgumentError(`must be one of ${runStatuses.join(', ')}`);
  return found;
}
