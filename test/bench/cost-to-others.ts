import { ContractClient } from '../../app/contract/client.ts';
import { memoryLinkPair } from '../../app/contract/memory-link.ts';
import { serveContract } from '../../app/contract/server.ts';
import { stationContract } from '../../app/contract/station-contract.ts';
import { isCanopusError } from '../../app/errors.ts';
import { defaultSettings } from '../../app/settings/settings.ts';
import { systemClock } from '../../main/system-clock.ts';
import { quietHandlers } from '../renderer/quiet-handlers.ts';
import { duration } from './table.ts';

const [own, other] = memoryLinkPair();
const served = serveContract(
  stationContract,
  quietHandlers({ 'settings.get': () => defaultSettings }),
  other,
  {
    clock: systemClock,
    onInternalError: (error) => {
      throw error;
    },
  },
);
const client = new ContractClient(stationContract, {
  clock: systemClock,
  connect: () => Promise.resolve(own),
});

const usedBytes = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

export interface Cost {
  readonly longestWaitMs: number;
  /** Of processor time, at most, that this process took during any one wait: what is not the machine's other work. */
  readonly ownWorkMs: number;
  readonly grewBytes: number;
  readonly code: string;
  readonly lastedMs: number;
}

/** What others wait at worst while the work runs, from the moment they wanted to ask, and how much memory grows. */
export async function costOf(work: () => Promise<unknown>): Promise<Cost> {
  globalThis.gc?.();
  const before = usedBytes();
  const startMs = performance.now();
  let [worst, longestWaitMs, ownWorkMs, isOver] = [before, 0, 0, false];
  const asking = (async () => {
    for (let dueMs = startMs; !isOver; dueMs = Math.max(dueMs + 20, performance.now())) {
      const from = process.cpuUsage();
      await systemClock.sleep(Math.max(0, dueMs - performance.now()));
      await client.call('settings.get', null);
      const waitMs = performance.now() - dueMs;
      const { user, system } = process.cpuUsage(from);
      longestWaitMs = Math.max(longestWaitMs, waitMs);
      ownWorkMs = Math.max(ownWorkMs, Math.min(waitMs, (user + system) / 1000));
      worst = Math.max(worst, usedBytes());
    }
  })();
  let code = 'nothing';
  try {
    await work();
  } catch (error) {
    if (!isCanopusError(error)) throw error;
    ({ code } = error);
  }
  isOver = true;
  await asking;
  return { longestWaitMs, ownWorkMs, grewBytes: worst - before, code, lastedMs: performance.now() - startMs };
}

/** What others may wait, and the memory that anything foreign may take. */
export const mayCost = { waitMs: 200, bytes: 50e6 } as const;

export function costWords({ longestWaitMs, ownWorkMs, grewBytes }: Cost): string {
  return `longest wait ${duration(longestWaitMs)}, at most ${duration(ownWorkMs)} of it work, ${(grewBytes / 1e6).toFixed(0)} MB more`;
}

export function endCost(): void {
  client.close();
  served.close('the bench is over');
}
