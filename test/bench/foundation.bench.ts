import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { duration, median, printTable, type BenchRow } from './table.ts';
import { flashTogether } from './flash-together.ts';

/** Start-up and memory of the command line, and many boards at once, on this machine without a guest. */

const cli = path.resolve('out/cli/canopus.js');

function milliseconds(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

const startUp = (args: readonly string[]): number =>
  median(Array.from({ length: 9 }, () => milliseconds(() => execFileSync(process.execPath, [cli, ...args]))));

/** Peak resident memory of a whole command, as the process itself saw it last. */
function peakMiB(args: readonly string[]): number {
  const tell = 'process.on("exit",()=>process._rawDebug("peak",process.resourceUsage().maxRSS))';
  const run = [
    '-c',
    '"$0" "$@" 2>&1 >/dev/null',
    process.execPath,
    '--import',
    `data:text/javascript,${tell}`,
    cli,
  ];
  const output = execFileSync('sh', [...run, ...args], { encoding: 'utf8' });
  return Number(/peak (\d+)/.exec(output)?.[1]) / 1024;
}

printTable('Command line', [
  {
    what: '`canopus --version`, start to end',
    measured: duration(startUp(['--version'])),
    aim: 'under 300 ms',
  },
  {
    what: '`canopus uuid UID`, start to end',
    measured: duration(startUp(['uuid', '430014000A50534E4E313120'])),
    aim: 'under 300 ms',
  },
  { what: '`canopus boards`, start to end', measured: duration(startUp(['boards'])) },
  { what: 'peak memory of `canopus --version`', measured: `${peakMiB(['--version']).toFixed(0)} MiB` },
  { what: 'peak memory of `canopus demo`', measured: `${peakMiB(['demo']).toFixed(0)} MiB` },
]);

const one = await flashTogether(1);
const rows: BenchRow[] = [{ what: '1 board, DFU to bridge', measured: duration(one) }];
for (const [count, aim] of [
  [4, ''],
  [8, 'at most 1.3'],
] as const) {
  const ms = await flashTogether(count);
  rows.push({
    what: `${count} boards at once`,
    measured: `${duration(ms)}, ${(ms / one).toFixed(2)} of one`,
    aim,
  });
}
printTable('Boards at once (virtual boards in process, datasheet durations)', rows);
