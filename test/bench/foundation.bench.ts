import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { atMost, duration, median, printTable, type BenchRow } from './table.ts';
import { installByDfuUtil, installByUs, virtualDfuMs } from './dfu-virtual-time.ts';
import { virtualNodeMs } from './node-virtual-time.ts';
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

function nodeAloneMs(): number {
  return median(
    Array.from({ length: 9 }, () => milliseconds(() => execFileSync(process.execPath, ['-e', '0']))),
  );
}

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

const versionMs = startUp(['--version']);
const uuidMs = startUp(['uuid', '430014000A50534E4E313120']);
printTable('Command line', [
  {
    what: '`canopus --version`, start to end',
    measured: duration(versionMs),
    aim: atMost(300, versionMs, ' ms'),
  },
  {
    what: '`canopus uuid UID`, start to end',
    measured: duration(uuidMs),
    aim: atMost(300, uuidMs, ' ms'),
  },
  { what: '`canopus boards`, start to end', measured: duration(startUp(['boards'])) },
  { what: 'of each: Node itself, with nothing to do', measured: duration(nodeAloneMs()) },
  { what: 'peak memory of `canopus --version`', measured: `${peakMiB(['--version']).toFixed(0)} MiB` },
  { what: 'peak memory of `canopus boards`, with libusb', measured: `${peakMiB(['boards']).toFixed(0)} MiB` },
  {
    what: 'peak memory of `canopus demo`, station and virtual board in one process',
    measured: `${peakMiB(['demo']).toFixed(0)} MiB`,
  },
]);

const dfuUtilMs = await virtualDfuMs('used', installByDfuUtil);
const inDfu = { blank: 'a blank board', used: 'a board with an older Katapult and Klipper' } as const;
const dfuRows: BenchRow[] = [
  {
    what: '`dfu-util … leave`, no mass erase, on either board: writes, reads nothing back',
    measured: duration(dfuUtilMs),
  },
];
for (const before of ['blank', 'used'] as const) {
  const ms = await virtualDfuMs(before, installByUs);
  dfuRows.push({
    what: `\`canopus install-katapult\` on ${inDfu[before]}: writes and reads everything back`,
    measured: `${duration(ms)}, ${(ms / dfuUtilMs).toFixed(2)} of it`,
    aim: atMost(1, ms / dfuUtilMs),
  });
}
const nodeRows: BenchRow[] = [];
for (const [before, what] of [
  ['blank', 'a blank node'],
  ['used', 'a node with another Klipper'],
] as const) {
  const { writeAndVerifyMs, floorMs, wholeMs } = await virtualNodeMs(before);
  const ratio = writeAndVerifyMs / floorMs;
  nodeRows.push(
    {
      what: `30 KB on ${what}: write and verify, against the floor of ${duration(floorMs)}`,
      measured: `${duration(writeAndVerifyMs)}, ${ratio.toFixed(2)} of it`,
      aim: atMost(1.15, ratio),
    },
    {
      what: `30 KB on ${what}: from the opened bridge to the reply of the new Klipper`,
      measured: duration(wholeMs),
    },
  );
}
const same = await virtualNodeMs('same');
nodeRows.push({
  what: '30 KB that the node already holds: read, nothing erased, started',
  measured: duration(same.wholeMs),
});
printTable('Klipper on a toolhead over CAN at 1 Mbit/s, in virtual time', nodeRows, [
  'The floor: erase, program, every frame on the bus, and 2 ms of USB for each request, one request at a time. Reading ' +
    '30 KB takes the bus alone 0.6 s, so a node that already holds the image takes longer than a board on USB.',
]);

printTable('Katapult through ROM DFU, in virtual time: what chip and bus take', dfuRows, [
  'The same on every machine. dfu-util’s requests are those of the recording in test/fixtures/dfuse. ' +
    'Ours asks for the chip’s UID (0.1 s), writes the eight boot words last (0.1 s), so that a board that loses its power ' +
    'starts nothing, and on a board that was in use erases the first sector of the former application (0.4 s), without ' +
    'which Katapult would start what is left of it. Both read all that was erased and not written (0.03 s for 26 KiB). app/protocols/dfuse/README.md says why each of them stays.',
]);

const runs = 3;

async function together(count: number): Promise<{ ms: number; processorMs: number }> {
  const all: number[] = [];
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) all.push(await flashTogether(count));
  const { user, system } = process.cpuUsage(before);
  return { ms: median(all), processorMs: (user + system) / 1000 / runs };
}

// What is compiled in the first run would make one board look slow, and many good.
await flashTogether(1);
const one = await together(1);
const rows: BenchRow[] = [
  {
    what: '1 board, DFU to bridge',
    measured: `${duration(one.ms)}, of it ${duration(one.processorMs)} of processor time`,
  },
];
for (const [count, limit] of [[4, null] as const, [8, 1.3] as const, [16, 1.6] as const]) {
  const { ms, processorMs } = await together(count);
  const times = ms / one.ms;
  rows.push({
    what: `${count} boards at once`,
    measured: `${duration(ms)}, ${times.toFixed(2)} of one; ${duration(processorMs)} of processor time`,
    ...(limit === null ? {} : { aim: atMost(limit, times) }),
  });
}
printTable('Boards at once (virtual boards in process, datasheet durations)', rows, [
  `Medians of ${runs} runs. Station and boards share one process, so the boards' own work counts against it.`,
]);
