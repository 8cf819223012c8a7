import { boardMode, needsTty } from '../../app/boards/board-mode.ts';
import { DeviceWatch } from '../jobs/device-watch.ts';
import { openBenchFile } from '../sim/bench-file.ts';
import type { Board } from '../sim/board/board.ts';
import type { VirtualBench } from '../sim/virtual-bench.ts';
import { systemClock } from '../system-clock.ts';

/** A board with a fault may never appear. */
const longestMs = 3000;

/** Real boards were plugged in long before the program starts; virtual ones get time to appear. */
export async function openSettledBench(file: string): Promise<VirtualBench> {
  const bench = await openBenchFile(file, systemClock);
  await boardsShown(bench);
  using watch = await DeviceWatch.open(bench.devices, systemClock);
  const hasTty = (): boolean =>
    watch.all().every((device) => device.tty !== null || !needsTty(boardMode(device)));
  await watch.waitFor(() => (hasTty() ? true : null), { timeoutMs: longestMs });
  return bench;
}

/** Resolves when every board has appeared. */
async function boardsShown(bench: VirtualBench): Promise<void> {
  const isSettled = (): boolean => bench.boards.every((board) => !isAppearing(board));
  if (isSettled()) return;
  const enough = new AbortController();
  const stop = bench.listen(() => {
    if (isSettled()) enough.abort();
  });
  await systemClock.sleep(longestMs, enough.signal).catch(() => undefined);
  stop();
}

function isAppearing(board: Board): boolean {
  if (!board.on || board.running === 'silent') return false;
  return board.running === 'starting' || (board.plugged && board.device === null);
}
