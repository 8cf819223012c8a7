import { ContractClient } from '../../app/contract/client.ts';
import { memoryLinkPair } from '../../app/contract/memory-link.ts';
import { serveContract } from '../../app/contract/server.ts';
import { stationContract } from '../../app/contract/station-contract.ts';
import { isCanopusError } from '../../app/errors.ts';
import { defaultSettings } from '../../app/settings/settings.ts';
import { systemClock } from '../../main/system-clock.ts';
import { quietHandlers } from '../renderer/quiet-handlers.ts';
import { loginToHostile } from '../system/pi/hostile-login.ts';
import { duration, printTable, type BenchRow } from './table.ts';

/**
 * A Pi that means harm, and what it costs the others: a window of the same station asks for the settings every 20 ms
 * while the Pi is looked at. Pi, window and station share one process, as a window's link and the Pi's do in a station.
 */

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

interface Cost {
  readonly longestWaitMs: number;
  /** Of processor time, at most, that this process took during any one wait: what is not the machine's other work. */
  readonly ownWorkMs: number;
  readonly grewBytes: number;
  readonly code: string;
  readonly lastedMs: number;
}

/** What others wait at worst while the work runs, from the moment they wanted to ask, and how much memory grows. */
async function costOf(work: () => Promise<unknown>): Promise<Cost> {
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

const idle = await costOf(() => systemClock.sleep(40_000));

const does = [
  ['zeros without end', 'exec cat /dev/zero'],
  ['lines without end', 'exec yes "0123456789 0123456789"'],
  ['one line without end', 'yes | tr -d "\\n"'],
  ['escapes without end', 'yes "$(printf "\\033[2J\\033]52;c;eA==\\007")"'],
  ['errors without end', 'exec cat /dev/zero >&2'],
  ['wrong JSON', 'echo "{wrong: [json"'],
  ['nothing for 40 s', 'exec sleep 40'],
] as const;

const rows: BenchRow[] = [
  {
    what: 'nothing else going on: longest wait in 40 s',
    measured: `${duration(idle.longestWaitMs)}, at most ${duration(idle.ownWorkMs)} of it work`,
  },
];
for (const [what, script] of does) {
  await using login = await loginToHostile(script);
  const cost = await costOf(() => login.host.look());
  const isMet = cost.longestWaitMs < 200 && cost.grewBytes < 50e6;
  rows.push({
    what: `${what}: refused as \`${cost.code}\` after ${duration(cost.lastedMs)}`,
    measured: `longest wait ${duration(cost.longestWaitMs)}, at most ${duration(cost.ownWorkMs)} of it work, ${(cost.grewBytes / 1e6).toFixed(0)} MB more`,
    aim: `under 200 ms and 50 MB: ${isMet ? 'met' : '**missed**'}`,
  });
}
client.close();
served.close('the bench is over');
printTable('A Pi that means harm, while another window asks for the settings every 20 ms', rows);
