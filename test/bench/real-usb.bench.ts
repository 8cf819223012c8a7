import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { buildCommandLine, buildForGuest, guestPrograms } from '../kernel/build-for-guest.ts';
import { GuestBench } from '../kernel/guest-bench.ts';
import type { Guest } from '../kernel/guest/client.ts';
import { startGuest } from '../kernel/guest.ts';
import { argument } from './arguments.ts';
import { duration, median, printTable, type BenchRow } from './table.ts';

/**
 * Our command line against the field's tools, each as a whole command in the same emulated Linux guest, on the same
 * virtual boards with datasheet durations, over libusb and cdc_acm. Give Katapult's tree with `--katapult DIR` to
 * compare with its flashtool.py. `--runs N` (default 3).
 */

const runs = Number(argument('runs') ?? 3);
const folder = mkdtempSync(path.join(tmpdir(), 'canopus-bench-'));
const katapultFile = path.join(folder, 'katapult.bin');
const klipperFile = path.join(folder, 'klipper.bin');
writeFileSync(katapultFile, makeKatapultImage());
writeFileSync(klipperFile, makeKlipperImage());
const port = '1-1';

await buildForGuest();
await buildCommandLine();
const booted = await startGuest({ cacheDir: path.resolve('.cache/kernel') });
try {
  await compare(booted.guest);
} finally {
  await booted.stop();
}

async function compare(guest: Guest): Promise<void> {
  await using guestBench = await GuestBench.open(guest, {
    boards: [{ id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port, boot0: true }],
  });
  const canopus = `node ${guestPrograms.canopus}`;
  const install = `${canopus} install-katapult --port ${port} --image ${katapultFile}`;
  const dfuUtil = (modifiers: string): string =>
    `dfu-util -a 0 -d 0483:df11 -D ${katapultFile} --dfuse-address 0x08000000:${modifiers}`;

  const startMs = await repeat(guest, `${canopus} --version`, () => Promise.resolve());
  const oursMs = await repeat(guest, install, () => usedInDfu(guestBench));
  const massMs = await repeat(guest, dfuUtil('force:mass-erase:leave'), () => usedInDfu(guestBench));
  const plainMs = await repeat(guest, dfuUtil('leave'), () => usedInDfu(guestBench));
  printTable(
    'Katapult through DFU, real USB stack (emulated guest, datasheet durations)',
    [
      { what: '`canopus install-katapult` (erase, write, read back, leave)', measured: duration(oursMs) },
      { what: 'of it: start of the program in the emulated guest', measured: duration(startMs) },
      {
        what: "the guide's `dfu-util ... force:mass-erase:leave` (no read-back)",
        measured: duration(massMs),
      },
      { what: 'ours against the guide', measured: ratio(oursMs, massMs), aim: 'at most 0.08' },
      { what: '`dfu-util ... leave`, no mass erase (no read-back)', measured: duration(plainMs) },
      {
        what: 'ours against dfu-util without mass erase',
        measured: ratio(oursMs, plainMs),
        aim: 'at most 1',
      },
      {
        what: 'the same without either start of program',
        measured: ratio(oursMs - startMs, plainMs),
      },
    ],
    [`Medians of ${runs} runs of whole commands.`],
  );

  await inKatapult(guestBench);
  const klipperMs = await repeat(
    guest,
    `${canopus} install-klipper --port ${port} --image ${klipperFile}`,
    () => inKatapult(guestBench),
  );
  const rows: BenchRow[] = [
    { what: '`canopus install-klipper` (46 KB: write, read back, start)', measured: duration(klipperMs) },
    { what: 'of it: start of the program in the emulated guest', measured: duration(startMs) },
  ];
  const katapult = argument('katapult');
  if (katapult !== null) {
    const tool = path.resolve(katapult, 'scripts/flashtool.py');
    const toolMs = await repeat(guest, `python3 ${tool} -d /dev/ttyACM0 -f ${klipperFile}`, () =>
      inKatapult(guestBench),
    );
    rows.push(
      { what: "Katapult's `flashtool.py` on the same image", measured: duration(toolMs) },
      { what: 'ours against flashtool.py', measured: ratio(klipperMs, toolMs), aim: 'at most 0.5' },
    );
  }
  printTable('Klipper through Katapult, real USB stack (emulated guest, datasheet durations)', rows, [
    katapult === null
      ? 'flashtool.py was not compared: no `--katapult DIR` was given.'
      : `Medians of ${runs} runs.`,
  ]);
}

/** Median wall time of a command in the guest, each after its preparation. */
async function repeat(guest: Guest, command: string, prepare: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await prepare();
    const startMs = performance.now();
    const { exitCode, stdout, stderr } = await guest.run(command, { timeoutMs: 180_000 });
    times.push(performance.now() - startMs);
    if (exitCode !== 0) throw new Error(`"${command}" exited with ${exitCode}:\n${stdout}${stderr}`);
  }
  return median(times);
}

/** A board that was used before, so that there is something to erase, in DFU. */
async function usedInDfu(guestBench: GuestBench): Promise<void> {
  const board = guestBench.bench.board('a');
  board.flash.load(0x08000000, new Uint8Array(5148));
  board.flash.load(0x08008000, new Uint8Array(46_728));
  board.setPower(false);
  board.setBoot0(true);
  board.setPower(true);
  await guestBench.present(port, 'dfu');
}

/** The same board in Katapult, an older application in its flash. */
async function inKatapult(guestBench: GuestBench): Promise<void> {
  const board = guestBench.bench.board('a');
  board.setPower(false);
  board.setBoot0(false);
  for (let sector = 0; sector < 5; sector += 1) board.flash.erase(sector);
  board.flash.load(0x08000000, makeKatapultImage());
  board.flash.load(0x08008000, makeKlipperImage({ seed: 9 }));
  board.setPower(true);
  board.doubleTap();
  await guestBench.present(port, 'katapult');
}

function ratio(ours: number, theirs: number): string {
  return (ours / theirs).toFixed(2);
}
