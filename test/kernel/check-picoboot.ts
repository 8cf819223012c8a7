import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rpApplicationOffset } from '../../app/mcu/rp-memory.ts';
import { uf2Families } from '../../app/protocols/uf2/families.ts';
import { writeUf2 } from '../../app/protocols/uf2/file.ts';
import type { Board } from '../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { argument } from '../bench/arguments.ts';
import { buildCommandLine, buildForGuest, guestPrograms } from './build-for-guest.ts';
import { GuestBench } from './guest-bench.ts';
import { guestShareDir, type Guest, type RunResult } from './guest/client.ts';
import { startGuest } from './guest.ts';

/**
 * `npm run check:picoboot -- --picotool FILE --rp2040-flash FILE`: Raspberry Pi's picotool and Klipper's rp2040_flash,
 * built for this machine and only run, judge the virtual boot ROMs in the guest over libusb, before and after our
 * command line writes them. Either may be left out. Prints what was seen; ends with 1 if anything is not as it must be.
 */
const say = (line: string) => process.stdout.write(`${line}\n`);

const tools = { picotool: argument('picotool'), rp2040_flash: argument('rp2040-flash') };
if (tools.picotool === null && tools.rp2040_flash === null) {
  say('usage: npm run check:picoboot -- [--picotool FILE] [--rp2040-flash FILE]');
  process.exit(2);
}

const start = 0x10000000;
const uid = 'E6605481DB318A2F';
const [port, other] = ['1-1', '1-2'] as const;
let failures = 0;

function tell(good: boolean, what: string, seen?: RunResult): void {
  say(`${good ? 'ok  ' : 'FAIL'} ${what}`);
  if (good) return;
  failures += 1;
  if (seen !== undefined) say(`${seen.stdout}${seen.stderr}`.trim().replace(/^/gm, '     | '));
}

function holds(board: Board, address: number, bytes: Uint8Array): boolean {
  return Buffer.compare(board.flash.read(address, bytes.length), bytes) === 0;
}

/** Puts a file where the guest finds it; its /tmp is not this machine's. */
async function bring(guest: Guest, name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(path.join(guest.address.shareDir, name), bytes);
  return `${guestShareDir}/${name}`;
}

const run = (guest: Guest, command: string): Promise<RunResult> =>
  guest.run(`${command} 2>&1`, { timeoutMs: 240_000 });

/** BOOT held, and power off and on. */
async function intoBootsel(bench: GuestBench, id: string, at: typeof port | typeof other): Promise<void> {
  const board = bench.bench.board(id);
  board.setBoot0(true);
  board.setPower(false);
  board.setPower(true);
  await bench.present(at, 'bootsel');
  board.setBoot0(false);
}

async function judge(guest: Guest, bench: GuestBench): Promise<void> {
  const [katapult, klipper] = [makeKatapultImage({ mcu: 'rp2040' }), makeKlipperImage({ mcu: 'rp2040' })];
  const clear = { address: start + rpApplicationOffset, bytes: new Uint8Array(256) };
  const segments = [{ address: start, bytes: katapult }, clear];
  const uf2 = await bring(guest, 'katapult.withclear.uf2', writeUf2(uf2Families.rp2040, segments));
  const bin = await bring(guest, 'katapult.bin', katapult);
  await bring(guest, 'klipper.bin', klipper);
  const board = bench.bench.board('a');
  await bench.present(port, 'bootsel');

  if (tools.rp2040_flash !== null) {
    const seen = await run(guest, `${guestShareDir}/rp2040_flash ${uf2}`);
    tell(seen.exitCode === 0, "Klipper's rp2040_flash writes a blank chip", seen);
    tell(holds(board, start, katapult), '... and flash holds the image');
    await bench.present(port, 'katapult');
    say('ok   ... and the board came up in Katapult');
    await intoBootsel(bench, 'a', port);
  }
  const canopus = (args: string) => run(guest, `node ${guestPrograms.canopus} ${args}`);
  if (tools.picotool !== null) {
    const picotool = (args: string) => run(guest, `${guestShareDir}/picotool ${args}`);
    const wrote = await picotool(`load -v ${uf2}`);
    tell(
      wrote.exitCode === 0 && wrote.stdout.includes('OK'),
      'picotool writes and verifies a UF2 file',
      wrote,
    );
    tell(holds(board, start, katapult), '... and flash holds the image');
    const dump = `${guestShareDir}/dump.bin`;
    const saved = await picotool(`save -r 0x10000000 0x10002000 ${dump}`);
    tell(saved.exitCode === 0, 'picotool reads flash', saved);
    const info = await picotool('info -a');
    tell(info.exitCode === 0 && info.stdout.includes('RP2040'), 'picotool describes the chip', info);
    tell(info.stdout.includes('2048K'), '... and finds its flash size by the repeated beginning', info);
  }
  const installed = await canopus(`install-katapult --port ${port} --image ${bin}`);
  tell(installed.exitCode === 0, 'canopus writes Katapult over libusb', installed);
  tell(holds(board, start, katapult), '... and flash holds the image');
  await bench.present(port, 'katapult');
  await intoBootsel(bench, 'a', port);
  if (tools.picotool !== null) {
    const verified = await run(guest, `${guestShareDir}/picotool verify ${bin} -o 0x10000000`);
    tell(verified.exitCode === 0, 'picotool finds there what canopus wrote', verified);
    const reboot = await run(guest, `${guestShareDir}/picotool reboot`);
    tell(reboot.exitCode === 0, 'picotool starts flash', reboot);
    await bench.present(port, 'katapult');
    say('ok   ... and the board came up in Katapult');
    await intoBootsel(bench, 'a', port);
  }
  board.setPower(false);
  board.setPower(true);
  await bench.present(port, 'katapult');
  const application = await canopus(`install-klipper --port ${port} --image ${guestShareDir}/klipper.bin`);
  tell(application.exitCode === 0, 'canopus writes Klipper through Katapult', application);
  tell(holds(board, start + rpApplicationOffset, klipper), '... and flash holds it');
}

async function judgeRp2350(guest: Guest, bench: GuestBench): Promise<void> {
  const image = makeKatapultImage({ mcu: 'rp2350' });
  const bin = await bring(guest, 'katapult-2350.bin', image);
  const board = bench.bench.board('b');
  await bench.present(other, 'bootsel');
  const installed = await run(
    guest,
    `node ${guestPrograms.canopus} install-katapult --port ${other} --image ${bin}`,
  );
  tell(installed.exitCode === 0, 'canopus writes an RP2350 over libusb', installed);
  tell(holds(board, start, image), '... and flash holds the image');
  await bench.present(other, 'katapult');
  say('ok   ... and the board came up in Katapult');
}

await buildForGuest();
await buildCommandLine();
const booted = await startGuest({ cacheDir: path.resolve('.cache/kernel') });
try {
  const { guest } = booted;
  for (const [name, file] of Object.entries(tools))
    if (file !== null) await copyFile(file, path.join(guest.address.shareDir, name));
  {
    const boards = [{ id: 'a', mcu: 'rp2040', uid, port }] as const;
    await using bench = await GuestBench.open(guest, { boards: [...boards] });
    await judge(guest, bench);
  }
  {
    const boards = [{ id: 'b', mcu: 'rp2350', uid, port: other }] as const;
    await using bench = await GuestBench.open(guest, { boards: [...boards] });
    await judgeRp2350(guest, bench);
  }
} finally {
  await booted.stop();
}
say(failures === 0 ? 'All as it must be.' : `${failures} not as it must be.`);
process.exitCode = failures === 0 ? 0 : 1;
