import { defaultWishes } from '../../app/pi/plan-types.ts';
import { PiSession } from '../../app/pi/pi-session.ts';
import { systemClock } from '../../main/system-clock.ts';
import { forgedKinds, forgedPi } from '../fixtures/forged-pi.ts';
import { costOf, costWords, endCost, mayCost } from './cost-to-others.ts';
import { duration, printTable, type BenchRow } from './table.ts';

/**
 * A Pi whose report is as long as one may be, and what it costs the others: a window of the same station asks for the
 * settings every 20 ms while the Pi is looked at, planned for and examined.
 */

const bytes = 11 << 20;
const rows: BenchRow[] = [];
for (const kind of forgedKinds) {
  const host = forgedPi(kind, bytes);
  const session = new PiSession(host, { clock: systemClock, now: () => new Date(), random: Math.random });
  const works = {
    looked: () => session.summary('can0'),
    planned: () => session.plan(defaultWishes),
    examined: () => session.doctor(defaultWishes),
  };
  for (const [what, work] of Object.entries(works)) {
    const cost = await costOf(work);
    const isMet = cost.longestWaitMs < mayCost.waitMs;
    rows.push({
      what: `${kind}, ${what}: \`${cost.code}\` after ${duration(cost.lastedMs)}`,
      measured: costWords(cost),
      aim: `under 200 ms: ${isMet ? 'met' : '**missed**'}`,
    });
  }
}
endCost();
printTable('A forged report of 11 MB, while another window asks for the settings every 20 ms', rows);
