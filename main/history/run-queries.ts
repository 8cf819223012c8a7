import * as z from 'zod/mini';
import type { RunCursor, RunFilter } from '../../app/history/run-filter.ts';
import type { RunRecord } from '../../app/history/run-record.ts';
import type { Database } from './open-database.ts';
import { readRuns } from './run-rows.ts';
import { slotOrPort } from './slot-or-port.ts';

export interface RunPage {
  readonly runs: RunRecord[];
  /** Where the next page begins; null at the end. */
  readonly next: RunCursor | null;
}

type Value = string | number;

interface Condition {
  readonly sql: string;
  readonly values: Readonly<Record<string, Value>>;
}

/** Matching runs, newest first, `limit` of them after `after`. */
export function pageOfRuns(
  database: Database,
  filter: RunFilter,
  limit: number,
  after: RunCursor | null,
): RunPage {
  const conditions = conditionsOf(filter);
  if (after !== null) {
    conditions.push({
      sql: '(started_at, id) < (:after_started_at, :after_id)',
      values: { after_started_at: after.startedAt, after_id: after.id },
    });
  }
  const rows = rowsOf(database, conditions, limit + 1, 0);
  const runs = readRuns(database, rows.slice(0, limit));
  const last = rows.length > limit ? runs.at(-1) : undefined;
  return { runs, next: last === undefined ? null : { startedAt: last.startedAt, id: last.id } };
}

/** Matching runs, newest first, `limit` of them from place `offset` on: for lists with random access. */
export function sliceOfRuns(
  database: Database,
  filter: RunFilter,
  limit: number,
  offset: number,
): RunRecord[] {
  return readRuns(database, rowsOf(database, conditionsOf(filter), limit, offset));
}

function rowsOf(
  database: Database,
  conditions: readonly Condition[],
  limit: number,
  offset: number,
): readonly unknown[] {
  const { where, values } = joined(conditions);
  // The inner query needs only an index; only the rows of the page are read.
  return database
    .prepare(
      `select * from runs where id in
         (select id from runs ${where} order by started_at desc, id desc limit :limit offset :offset)
       order by started_at desc, id desc`,
    )
    .all({ ...values, limit, offset });
}

/** How many runs match. */
export function countRuns(database: Database, filter: RunFilter): number {
  const { where, values } = joined(conditionsOf(filter));
  const row: unknown = database.prepare(`select count(*) as count from runs ${where}`).get(values);
  return z.object({ count: z.int() }).parse(row).count;
}

function conditionsOf(filter: RunFilter): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, values: Condition['values']) => conditions.push({ sql, values });
  const {
    boards = 'real',
    text,
    uid,
    canbusUuid,
    since,
    until,
    status,
    presetId,
    operator,
    session,
    slot,
    image,
  } = filter;
  if (boards !== 'all') add('virtual = :virtual', { virtual: boards === 'virtual' ? 1 : 0 });
  if (uid !== undefined) add('uid = :uid', { uid: uid.toUpperCase() });
  if (canbusUuid !== undefined) add('canbus_uuid = :canbus_uuid', { canbus_uuid: canbusUuid.toLowerCase() });
  if (since !== undefined) add('started_at >= :since', { since });
  if (until !== undefined) add('started_at < :until', { until });
  if (status !== undefined) add('status = :status', { status });
  if (presetId !== undefined) add('preset_id = :preset_id', { preset_id: presetId });
  if (operator !== undefined) add('operator = :operator', { operator });
  if (slot !== undefined) add(`${slotOrPort} = :slot`, { slot });
  // The search words include the SHA-256 of every image.
  if (image !== undefined) add('instr(words, :image) > 0', { image });
  if (session !== undefined) add('session = :session', { session });
  for (const [index, word] of wordsOf(text).entries()) {
    add(`instr(words, :word_${index}) > 0`, { [`word_${index}`]: word });
  }
  return conditions;
}

/** More words than anyone types would only make it slow. */
const maxWords = 10;

function wordsOf(text: string | undefined): readonly string[] {
  const words = (text ?? '').toLowerCase().split(/\s+/);
  return words.filter((word) => word !== '').slice(0, maxWords);
}

function joined(conditions: readonly Condition[]): { where: string; values: Record<string, Value> } {
  const values = Object.assign({}, ...conditions.map((condition) => condition.values)) as Record<
    string,
    Value
  >;
  const where = conditions.map(({ sql }) => sql).join(' and ');
  return { where: where === '' ? '' : `where ${where}`, values };
}
