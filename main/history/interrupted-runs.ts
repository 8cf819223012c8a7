import { type PlaceId, placeId, placeWords } from '../../app/place.ts';
import { uptime } from 'node:os';
import * as z from 'zod/mini';
import { toWireError } from '../../app/contract/frames.ts';
import { CanopusError, boardStates, type BoardState } from '../../app/errors.ts';
import { isRunning, type ProcessIdentity } from '../files/process-identity.ts';
import { inTransaction, type Database } from './open-database.ts';

const unfinishedRow = z.object({
  id: z.int(),
  host: z.string(),
  process_id: z.int(),
  process_started_at: z.nullable(z.string()),
  started_at: z.string(),
  place: placeId,
});

const lastState = z.object({ state: z.enum(boardStates) });

type Unfinished = z.infer<typeof unfinishedRow>;

/** How much the computer's clock may shift between its start and now. */
const clockSlackMs = 60_000;

/**
 * Marks runs without an end whose process is gone as interrupted; the last write decides the state of the board. Runs
 * of another computer that shares the folder are left alone: their state cannot be known here. Returns how many.
 */
export async function markInterrupted(database: Database): Promise<number> {
  const rows = database
    .prepare(
      `select id, host, process_id, process_started_at, started_at, place
       from runs where status = 'running'`,
    )
    .all();
  let marked = 0;
  for (const run of rows.map((row) => unfinishedRow.parse(row))) {
    if (await isOver(run)) marked += mark(database, run);
  }
  return marked;
}

async function isOver(run: Unfinished): Promise<boolean> {
  const process: ProcessIdentity = {
    host: run.host,
    pid: run.process_id,
    startedAt: run.process_started_at,
  };
  const runs = await isRunning(process);
  if (runs !== true || process.startedAt !== null) return runs === false;
  // A system that does not report when a process started may have reused its number after a restart.
  const computerStartedAtMs = Date.now() - uptime() * 1000;
  return Date.parse(run.started_at) < computerStartedAtMs - clockSlackMs;
}

/** Read the state once more: its process may have written until it ended. */
function mark(database: Database, { id, place }: Unfinished): number {
  return inTransaction(database, () => {
    const row: unknown = database
      .prepare(`select state from runs where id = ? and status = 'running'`)
      .get(id);
    if (row === undefined) return 0;
    const error = interruption(place, lastState.parse(row).state);
    database
      .prepare(
        `update runs set status = 'interrupted', ended_at = updated_at, error_code = :code, error = :error,
           words = words || ' ' || :code
         where id = :id`,
      )
      .run({ id, code: error.code, error: JSON.stringify(toWireError(error)) });
    return 1;
  });
}

function interruption(place: PlaceId, state: BoardState): CanopusError {
  const message = `The work on ${placeWords(place)} did not finish: Canopus or the computer stopped.`;
  return new CanopusError('job/interrupted', message, { place }, { state });
}
