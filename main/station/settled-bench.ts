import { openBenchFile } from '../sim/bench-file.ts';
import type { Board } from '../sim/board/board.ts';
import type { VirtualBench } from '../sim/virtual-bench.ts';
import { systemClock } from '../system-clock.ts';

const longestMs = 3000;

/** Real boards were plugged in long before the program starts; virtual ones are given the time to appear. */
export async function openSettledBench(file: string): Promise<VirtualBench> {
  const bench = await openBenchFile(file, systemClock);
  const isSettled = (): boolean => bench.boards.every((board) => !isAppearing(board));
  if (isSettled()) return bench;
  const enough = new AbortController();
  const stop = bench.listen(() => {
    if (isSettled()) enough.abort();
  });
  // A board with a fault may never appear.
  await systemClock.sleep(longestMs, enough.signal).catch(() => undefined);
  stop();
  return bench;
}

function isAppearing(board: Board): boolean {
  if (!board.on || board.running === 'silent') return false;
  return board.running === 'starting' || (board.plugged && board.device === null);
}
