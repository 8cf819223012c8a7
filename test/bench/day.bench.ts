import { benchCounts } from '../../app/bench/bench-state.ts';
import { BenchRig, uidOf, variants, type RigMcu } from '../main/station/bench-rig.ts';
import { duration, printTable } from './table.ts';

/** A day at a station with eight slots: what stays in memory of 1,000 boards that were flashed as they were plugged in. */

const boardsOfADay = 1_000;
const slots = 8;
const mcus = Object.keys(variants) as RigMcu[];

function memoryMiB(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

/** Puts a bare board into each slot, waits until all are done and takes them off again. */
async function doRound(rig: BenchRig, first: number): Promise<void> {
  const ids = Array.from({ length: slots }, (_, slot) => `board-${first + slot}`);
  for (const [slot, id] of ids.entries()) {
    const number = first + slot;
    const mcu = mcus[number % mcus.length] ?? 'stm32f446xx';
    rig.bench.addBoard({ id, mcu, uid: uidOf(number), port: `1-${slot + 1}`, boot0: true });
  }
  await rig.until(() => benchCounts(rig.runner.state).done === first + slots);
  for (const id of ids) rig.bench.removeBoard(id);
  // Hands that take the next eight.
  await rig.clock.sleep(10_000);
}

await using rig = await BenchRig.open({ boards: [] });
for (const mcu of mcus) await rig.arm(mcu);
const startMs = performance.now();
// What the first boards load stays for good: code, images, tables.
const warmUp = slots * 5;
for (let first = 0; first < warmUp; first += slots) await doRound(rig, first);
const before = memoryMiB();
for (let first = warmUp; first < warmUp + boardsOfADay; first += slots) await doRound(rig, first);
const after = memoryMiB();
const { done, failed } = benchCounts(rig.runner.state);
if (done !== warmUp + boardsOfADay || failed !== 0) throw new Error(`${done} done, ${failed} failed`);

printTable('A day at the bench (virtual boards in process, virtual time)', [
  {
    what: `memory after ${boardsOfADay} boards more`,
    measured: `${(after - before).toFixed(1)} MiB more than ${before.toFixed(0)} MiB`,
    aim: 'under 20 MB',
  },
  {
    what: 'one board, all of the work of the station',
    measured: duration((performance.now() - startMs) / done),
  },
]);
