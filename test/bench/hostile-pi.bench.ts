import { systemClock } from '../../main/system-clock.ts';
import { loginToHostile } from '../system/pi/hostile-login.ts';
import { costOf, costWords, endCost, mayCost } from './cost-to-others.ts';
import { duration, printTable, type BenchRow } from './table.ts';

/**
 * A Pi that means harm, and what it costs the others: a window of the same station asks for the settings every 20 ms
 * while the Pi is looked at. Pi, window and station share one process, as a window's link and the Pi's do in a station.
 */

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
  const isMet = cost.longestWaitMs < mayCost.waitMs && cost.grewBytes < mayCost.bytes;
  rows.push({
    what: `${what}: refused as \`${cost.code}\` after ${duration(cost.lastedMs)}`,
    measured: costWords(cost),
    aim: `under 200 ms and 50 MB: ${isMet ? 'met' : '**missed**'}`,
  });
}
endCost();
printTable('A Pi that means harm, while another window asks for the settings every 20 ms', rows);
