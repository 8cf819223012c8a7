import path from 'node:path';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { buildCommandLine, buildForGuest } from '../kernel/build-for-guest.ts';
import { GuestBench } from '../kernel/guest-bench.ts';
import type { Guest } from '../kernel/guest/client.ts';
import { startGuest } from '../kernel/guest.ts';
import { argument } from './arguments.ts';
import { GuestTools, port, type Timed } from './guest-tools.ts';
import { hotplugLatency, spread } from './hotplug-latency.ts';
import { atMost, duration, printTable, type BenchRow } from './table.ts';

/**
 * Our command line against the field's tools, each as a whole command in the same emulated Linux guest, on the same
 * virtual board with datasheet durations, over libusb and cdc_acm. Give Katapult's tree with `--katapult DIR` to
 * compare with its flashtool.py. `--runs N` (default 3).
 */

const runs = Number(argument('runs') ?? 3);
const befores = ['blank', 'used'] as const;
const boardOf = {
  blank: 'blank board',
  used: 'board with an older Katapult and Klipper',
} as const;

await buildForGuest();
await buildCommandLine();
const booted = await startGuest({ cacheDir: path.resolve('.cache/kernel') });
try {
  const { guest } = booted;
  await using guestBench = await GuestBench.open(guest, {
    boards: [{ id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port, boot0: true }],
  });
  await guestBench.present(port, 'dfu');
  await measureHotplug(guest, guestBench);
  const tools = new GuestTools(guest, guestBench, runs);
  await measureDfu(tools);
  await measureKatapult(tools);
} finally {
  await booted.stop();
}

async function measureHotplug(guest: Guest, guestBench: GuestBench): Promise<void> {
  const { attachMs, detachMs, afterUdevMs } = await hotplugLatency(guest, guestBench, 10);
  printTable(
    'Hotplug, from the kernel’s event to the station’s',
    [
      { what: 'plugged in: kernel event to station event', measured: spread(attachMs) },
      {
        what: 'of it: after udevd has run its rules, which open the device to users',
        measured: spread(afterUdevMs),
      },
      { what: 'unplugged: kernel event to station event', measured: spread(detachMs) },
    ],
    [
      'Medians, in the guest, whose processor is emulated and slower than the machine’s own by an order of magnitude.',
    ],
  );
}

async function measureDfu(tools: GuestTools): Promise<void> {
  const image = await tools.share('katapult.bin', makeKatapultImage());
  const install = `install-katapult --port ${port} --image ${image}`;
  const dfuUtil = (modifiers: string): string =>
    `dfu-util -a 0 -d 0483:df11 -D ${image} --dfuse-address 0x08000000:${modifiers}`;
  const rows: BenchRow[] = [];
  const start = await tools.canopus('uuid 430014000A50534E4E313120', () => Promise.resolve());
  rows.push({ what: 'start of `canopus` itself, in the emulated guest', measured: duration(start.wholeMs) });
  for (const before of befores) {
    const prepare = () => tools.inDfu(before);
    const ours = await tools.canopus(install, prepare);
    const guide = await tools.time(dfuUtil('force:mass-erase:leave'), prepare, undefined, 1);
    const plain = await tools.time(dfuUtil('leave'), prepare);
    const board = boardOf[before];
    rows.push(
      { what: `${board}: \`canopus install-katapult\``, measured: whole(ours) },
      {
        what: `${board}: the guide’s \`dfu-util … force:mass-erase:leave\``,
        measured: duration(guide.wholeMs),
      },
      {
        what: `${board}: ours against it, whole commands`,
        measured: (ours.wholeMs / guide.wholeMs).toFixed(2),
      },
      {
        what: `${board}: ours, from the opened device on, against it`,
        ...ratio(ours.workMs, guide.wholeMs, 0.08),
      },
      { what: `${board}: \`dfu-util … leave\`, no mass erase`, measured: duration(plain.wholeMs) },
      {
        what: `${board}: ours, from the opened device on, against it`,
        ...ratio(ours.workMs, plain.wholeMs, 1),
      },
    );
  }
  printTable('Katapult through ROM DFU, over libusb', rows, [
    `Medians of ${runs} whole commands (one of the guide’s: dfu-util sleeps 35 s for a mass erase). In brackets the time ` +
      'from the opened device on; the rest is the start of Node in an emulated processor.',
    'Beside the chip’s own time (table above, in virtual time) each control transfer takes both programs some 20 ms in ' +
      'this guest, and ours makes more of them: it reads everything back.',
  ]);
}

async function measureKatapult(tools: GuestTools): Promise<void> {
  const image = await tools.share('klipper.bin', makeKlipperImage());
  const katapult = argument('katapult');
  const tool =
    katapult === null ? null : await tools.shareFile(path.resolve(katapult, 'scripts/flashtool.py'));
  const rows: BenchRow[] = [];
  for (const before of befores) {
    const prepare = () => tools.inKatapult(before);
    const board = boardOf[before];
    const ours = await tools.canopus(`install-klipper --port ${port} --image ${image}`, prepare);
    rows.push({ what: `${board}: \`canopus install-klipper\``, measured: whole(ours) });
    if (tool === null) continue;
    const theirs = await tools.time(`python3 -u ${tool} -d /dev/ttyACM0 -f ${image}`, prepare, (line) =>
      line.startsWith('Attempting to connect'),
    );
    rows.push(
      { what: `${board}: Katapult’s \`flashtool.py\``, measured: whole(theirs) },
      { what: `${board}: ours against it, whole commands`, ...ratio(ours.wholeMs, theirs.wholeMs, 0.5) },
      {
        what: `${board}: ours against it, from the opened device on`,
        ...ratio(ours.workMs, theirs.workMs, 0.5),
      },
    );
  }
  printTable('Klipper (46 KB) through Katapult, over cdc_acm: write, read back, start', rows, [
    tool === null
      ? 'flashtool.py was not compared: no `--katapult DIR` was given.'
      : `Medians of ${runs} runs.`,
    'On a board with an application the three sectors’ erases take 1.05 s of either tool’s time (RM0390, table of flash ' +
      'characteristics), and the words’ programming another 0.19 s, whatever the tool does: half of the other’s time is ' +
      'then out of reach.',
  ]);
}

function whole({ wholeMs, workMs }: Timed): string {
  return `${duration(wholeMs)} (${duration(workMs)})`;
}

function ratio(ours: number, theirs: number, limit: number): Pick<BenchRow, 'measured' | 'aim'> {
  const value = ours / theirs;
  return { measured: value.toFixed(2), aim: atMost(limit, value) };
}
