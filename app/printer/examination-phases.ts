import type { Clock } from '../transport/clock.ts';
import type { ExaminationEvent, NodeLosses } from './examination.ts';
import { ExchangeTally } from './exchange-tally.ts';
import type { NodeSight } from './node-sight.ts';

interface Pace {
  /** Of each node; null: as fast as it replies. */
  readonly ratePerSecond: number | null;
  readonly forMs: number;
  readonly signal: AbortSignal;
}

/** A person hears of a loss after so long. */
const sliceMs = 500;
const movedRatePerSecond = 100;

/** A step of the ramp: all nodes at once. Throws as `NodeSight.askFor`. */
export async function askAtRate(sights: readonly NodeSight[], pace: Pace): Promise<ExaminationEvent> {
  const { ratePerSecond } = pace;
  const tallies = await askAll(
    sights.map((sight) => ({ sight, tally: new ExchangeTally() })),
    pace,
  );
  for (const { sight, tally } of tallies) sight.ramp.push({ ...tally.counts, ratePerSecond });
  return {
    type: 'exam-ramp',
    ratePerSecond,
    lost: tallies.map(({ sight, tally }) => losses(sight, tally.lost)),
  };
}

/** All nodes at once, until the time is over or `enough`. Throws as `NodeSight.askFor`. */
export async function* askWhileMoved(
  sights: readonly NodeSight[],
  {
    clock,
    movedMs,
    enough,
    signal,
  }: { clock: Clock; movedMs: number; enough: AbortSignal | undefined; signal: AbortSignal },
): AsyncGenerator<ExaminationEvent, void, void> {
  const tallies = sights.map((sight) => ({ sight, tally: (sight.moved = new ExchangeTally()) }));
  const untilMs = clock.nowMs() + movedMs;
  yield { type: 'exam-moved', leftMs: movedMs, lost: [] };
  for (let leftMs = movedMs; leftMs > 0 && enough?.aborted !== true;) {
    const before = tallies.map(({ tally }) => tally.lost);
    await askAll(tallies, { ratePerSecond: movedRatePerSecond, forMs: Math.min(sliceMs, leftMs), signal });
    leftMs = Math.max(0, untilMs - clock.nowMs());
    const lost = tallies.map(({ sight, tally }, at) => losses(sight, tally.lost - (before[at] ?? 0)));
    yield { type: 'exam-moved', leftMs, lost };
  }
}

interface Tallied {
  readonly sight: NodeSight;
  readonly tally: ExchangeTally;
}

/** Ends when all have ended, also if one failed. */
async function askAll(tallies: readonly Tallied[], pace: Pace): Promise<readonly Tallied[]> {
  const work = tallies.map(({ sight, tally }) => sight.askFor(tally, pace));
  await Promise.allSettled(work);
  await Promise.all(work);
  return tallies;
}

const losses = ({ named }: NodeSight, lost: number): NodeLosses => ({ name: named.name, lost });
