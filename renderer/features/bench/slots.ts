import { bridgedNode, comparePlaces, type PlaceId } from '../../../app/place.ts';
import { benchModeOf, type BenchRecipe } from '../../../app/bench/bench-recipe.ts';
import type { IdleReason } from '../../../app/bench/bench-state.ts';
import type { FlowState } from '../../../app/flow/flow-state.ts';
import type { Board } from '../../../app/boards/board.ts';
import type { JobView } from '../../../app/contract/station-contract.ts';

/** A place of the bench with its board and its newest work. */
export interface Slot {
  readonly place: PlaceId;
  readonly board: Board | null;
  readonly job: JobView | null;
}

/** The newest job of each place; a running one takes precedence over an ended one. */
function jobsByPlace(jobs: readonly JobView[]): Map<PlaceId, JobView> {
  const newest = new Map<PlaceId, JobView>();
  for (const job of jobs) {
    if (job.place === null) continue;
    const other = newest.get(job.place);
    const isOutranked = other?.endedAt === null && (job.endedAt !== null || job.status === 'queued');
    if (!isOutranked) newest.set(job.place, job);
  }
  return newest;
}

/**
 * One slot for each port with a board or running work, ordered by port. Devices that are not boards are
 * separate. An empty port is shown while its work waits for the board to come back.
 */
export function benchSlots(
  boards: readonly Board[],
  jobs: readonly JobView[],
): { slots: readonly Slot[]; others: readonly Board[] } {
  const newest = jobsByPlace(jobs);
  const slots = new Map<PlaceId, Slot>();
  const others: Board[] = [];
  for (const board of boards) {
    if (board.place === null) continue;
    const job = newest.get(board.place) ?? null;
    if (board.mode === 'unknown' && job?.endedAt !== null) others.push(board);
    else slots.set(board.place, { place: board.place, board, job });
  }
  for (const [place, job] of newest) {
    // A node is shown with its bridge.
    if (bridgedNode(place) !== null) continue;
    if (job.endedAt === null && !slots.has(place)) slots.set(place, { place, board: null, job });
  }
  return { slots: [...slots.values()].sort((a, b) => comparePlaces(a.place, b.place)), others };
}

/** The newest job of one place; a running one takes precedence over an ended one. */
export function newestJobAt(jobs: readonly JobView[], place: PlaceId): JobView | null {
  return jobsByPlace(jobs.filter((job) => job.place === place)).get(place) ?? null;
}

/** The flow of the board in a place: first one that needs the place, then one in progress, then a finished one. */
export function flowAt(flows: readonly FlowState[], place: PlaceId): FlowState | null {
  const here = flows.filter((flow) => flow.place === place);
  return (
    here.find(({ stage }) => stage !== 'done' && stage !== 'pi') ??
    here.find(({ stage }) => stage !== 'done') ??
    here.at(-1) ??
    null
  );
}

/** What will be written to a board next. */
export interface Coming {
  readonly boardName: string;
  /** The Klipper version; null if unknown. */
  readonly klipper: string | null;
  /** A node, which gets only that over USB. */
  readonly isKatapultOnly: boolean;
}

/** Why the bench starts nothing on a board that a recipe fits. */
const leftAsItIs: ReadonlySet<IdleReason> = new Set([
  'up-to-date',
  'unknown-firmware',
  'done-before',
  'ignored',
]);

/** From its flow, or else the one armed recipe that fits it; null if nothing is decided. */
export function comingFor(
  board: Board,
  flow: FlowState | null,
  recipes: readonly BenchRecipe[],
  why: IdleReason | null = null,
): Coming | null {
  if (flow?.board && flow.images !== null && (flow.stage === 'dfu' || flow.stage === 'flash')) {
    return { boardName: flow.board.name, klipper: null, isKatapultOnly: flow.board.role === 'node' };
  }
  if (why !== null && leftAsItIs.has(why)) return null;
  const wanted = benchModeOf(board.mode);
  const fitting = recipes.filter(
    ({ isArmed, modes, mcu }) =>
      isArmed && wanted !== null && modes.includes(wanted) && (board.mcu === null || board.mcu === mcu),
  );
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) return null;
  return { boardName: only.name, klipper: only.klipper.version, isKatapultOnly: only.role === 'node' };
}
