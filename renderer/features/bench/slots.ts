import type { BenchRecipe } from '../../../app/bench/bench-recipe.ts';
import type { FlowState } from '../../../app/flow/flow-state.ts';
import type { Board } from '../../../app/boards/board.ts';
import type { JobView } from '../../../app/contract/station-contract.ts';

/** A USB port of the bench with its board and its newest work. */
export interface Slot {
  readonly portPath: string;
  readonly board: Board | null;
  readonly job: JobView | null;
}

/** One instance for all: creating it is expensive. */
const collator = new Intl.Collator('en', { numeric: true });
const byPort = (a: Slot, b: Slot): number => collator.compare(a.portPath, b.portPath);

/** The newest job of each port; a running one takes precedence over an ended one. */
function jobsByPort(jobs: readonly JobView[]): Map<string, JobView> {
  const newest = new Map<string, JobView>();
  for (const job of jobs) {
    if (job.portPath === null) continue;
    const other = newest.get(job.portPath);
    const isOutranked = other?.endedAt === null && (job.endedAt !== null || job.status === 'queued');
    if (!isOutranked) newest.set(job.portPath, job);
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
  const newest = jobsByPort(jobs);
  const slots = new Map<string, Slot>();
  const others: Board[] = [];
  for (const board of boards) {
    if (board.portPath === null) continue;
    const job = newest.get(board.portPath) ?? null;
    if (board.mode === 'unknown' && job?.endedAt !== null) others.push(board);
    else slots.set(board.portPath, { portPath: board.portPath, board, job });
  }
  for (const [portPath, job] of newest) {
    if (job.endedAt === null && !slots.has(portPath)) slots.set(portPath, { portPath, board: null, job });
  }
  return { slots: [...slots.values()].sort(byPort), others };
}

/** The newest job of one port; a running one takes precedence over an ended one. */
export function newestJobAt(jobs: readonly JobView[], portPath: string): JobView | null {
  return jobsByPort(jobs.filter((job) => job.portPath === portPath)).get(portPath) ?? null;
}

/**
 * The flow of the board on a port: first one that needs the port, then one in progress, then a finished one.
 */
export function flowAt(flows: readonly FlowState[], portPath: string): FlowState | null {
  const here = flows.filter((flow) => flow.portPath === portPath);
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
}

/** From its flow, or else the one armed recipe that fits it; null if nothing is decided. */
export function comingFor(
  board: Board,
  flow: FlowState | null,
  recipes: readonly BenchRecipe[],
): Coming | null {
  if (flow?.board && flow.images !== null && (flow.stage === 'dfu' || flow.stage === 'flash')) {
    return { boardName: flow.board.name, klipper: null };
  }
  const fitting = recipes.filter(
    ({ isArmed, modes, mcu }) =>
      isArmed && modes.some((mode) => mode === board.mode) && (board.mcu === null || board.mcu === mcu),
  );
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) return null;
  return { boardName: only.name, klipper: only.klipper.version };
}
