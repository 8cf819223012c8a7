import type { PortPath } from '../../app/place.ts';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import type { McuName } from '../../app/mcu/mcu.ts';
import type { Board } from '../../main/sim/board/board.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { argument } from '../bench/arguments.ts';
import { buildCommandLine, buildForGuest, guestPrograms } from './build-for-guest.ts';
import { GuestBench } from './guest-bench.ts';
import { guestShareDir, type Guest, type RunResult } from './guest/client.ts';
import { startGuest } from './guest.ts';

/**
 * `npm run check:katapult -- --katapult DIR --klipper DIR`: Katapult's flashtool.py and Klipper's canbus_query.py,
 * which are only run, judge the virtual boards in the guest, and what our command line does to them, over cdc_acm and
 * gs_usb. Prints what was seen; ends with 1 where anything is not as it must be.
 */
const say = (line: string) => process.stdout.write(`${line}\n`);

const [katapult, klipper] = [argument('katapult'), argument('klipper')];
if (katapult === null || klipper === null) {
  say('usage: npm run check:katapult -- --katapult DIR --klipper DIR');
  process.exit(2);
}

const boards = [
  { id: 'f446', mcu: 'stm32f446xx', port: '1-1', uid: '430014000A50534E4E313120' },
  { id: 'f407', mcu: 'stm32f407xx', port: '1-2', uid: '39001B000C51313339373836' },
  { id: 'f429', mcu: 'stm32f429xx', port: '1-3', uid: '37001A001851303439363932' },
] as const satisfies readonly { id: string; mcu: McuName; port: string; uid: string }[];

const toolheads = [
  { uuid: '44db3d634885', application: 'katapult', mcu: 'stm32f446xx' },
  { uuid: 'a396d68a95a3', application: 'klipper', mcu: 'stm32f446xx' },
  { uuid: 'e7caf8297cd8', application: 'klipper', mcu: 'stm32f407xx' },
] as const;

const flashStart = 0x0800_0000;
const applicationStart = 0x0800_8000;
const size = 17_000;

let failures = 0;

function tell(good: boolean, what: string, seen?: RunResult): void {
  say(`${good ? 'ok  ' : 'FAIL'} ${what}`);
  if (good) return;
  failures += 1;
  if (seen !== undefined) say(`${seen.stdout}${seen.stderr}`.trim().replace(/^/gm, '     | '));
}

function holds(board: Board, image: Uint8Array): boolean {
  return Buffer.compare(board.flash.read(applicationStart, image.length), image) === 0;
}

class Judges {
  readonly #guest: Guest;
  readonly #boards: GuestBench;

  constructor(guest: Guest, guestBench: GuestBench) {
    this.#guest = guest;
    this.#boards = guestBench;
  }

  /** The guest hides this machine's /tmp, so the programs are handed over. */
  async bring(file: string): Promise<void> {
    await copyFile(file, path.join(this.#guest.address.shareDir, path.basename(file)));
  }

  /** As flashtool.py looks into a dictionary only where the file has this name. */
  async klipperFile(image: Uint8Array): Promise<string> {
    await writeFile(path.join(this.#guest.address.shareDir, 'klipper.bin'), image);
    return `${guestShareDir}/klipper.bin`;
  }

  flashtool(args: string): Promise<RunResult> {
    return this.#python(`flashtool.py ${args}`);
  }

  canbusQuery(can: string): Promise<RunResult> {
    return this.#python(`canbus_query.py ${can}`);
  }

  canopus(args: string): Promise<RunResult> {
    return this.#guest.run(`node ${guestPrograms.canopus} ${args}`, { timeoutMs: 120_000 });
  }

  async tty(port: PortPath): Promise<string> {
    const { tty } = await this.#boards.present(port, 'katapult');
    if (tty === null) throw new Error(`no tty on port ${port}`);
    return tty;
  }

  /** Whether the board comes up in Katapult. */
  comesUp(port: PortPath): Promise<boolean> {
    return this.tty(port).then(
      () => true,
      () => false,
    );
  }

  /** The CAN interface of the bridge on a port, brought up. */
  async canUp(port: PortPath): Promise<string> {
    await this.#boards.present(port, 'can-bridge');
    const folder = `/sys/bus/usb/devices/${port}/${port}:1.0/net`;
    await this.#guest.until(`ls ${folder}`);
    const can = (await this.#guest.must(`ls ${folder}`)).trim();
    await this.#guest.must(`ip link set ${can} down && ip link set ${can} up type can bitrate 1000000`);
    return can;
  }

  #python(command: string): Promise<RunResult> {
    return this.#guest.run(`python3 ${guestShareDir}/${command}`, { timeoutMs: 120_000 });
  }
}

async function judge(guestBench: GuestBench, judges: Judges, each: (typeof boards)[number]): Promise<void> {
  const { id, mcu, port, uid } = each;
  const board = guestBench.bench.board(id);
  const uuid = canbusUuid(uid);
  const image = makeKlipperImage({ mcu, size });

  const status = await judges.flashtool(`-d ${await judges.tty(port)} -s`);
  const told = [mcu, '0x8008000', '1.1.0'].every((text) => status.stdout.includes(text));
  tell(
    status.exitCode === 0 && told,
    `${id}: flashtool.py reads MCU, address and protocol of the virtual Katapult`,
    status,
  );

  const other = makeKlipperImage({ mcu: mcu === 'stm32f446xx' ? 'stm32f407xx' : 'stm32f446xx', size });
  const before = board.flash.read(applicationStart, size);
  const refused = await judges.flashtool(
    `-d ${await judges.tty(port)} -f ${await judges.klipperFile(other)}`,
  );
  const unchanged = Buffer.compare(board.flash.read(applicationStart, size), before) === 0;
  tell(
    refused.exitCode !== 0 && unchanged,
    `${id}: flashtool.py refuses an image for another MCU by the dictionary in it`,
    refused,
  );

  board.doubleTap();
  const written = await judges.flashtool(
    `-d ${await judges.tty(port)} -f ${await judges.klipperFile(image)}`,
  );
  tell(
    written.exitCode === 0 && written.stdout.includes('Verification Complete') && holds(board, image),
    `${id}: flashtool.py writes and verifies, and flash holds the image`,
    written,
  );

  const can = await judges.canUp(port);
  const [byKatapult, byKlipper] = [await judges.flashtool(`-q -i ${can}`), await judges.canbusQuery(can)];
  tell(
    byKatapult.stdout.includes(`Detected UUID: ${uuid}, Application: Klipper`),
    `${id}: flashtool.py finds the predicted ${uuid} on the bus`,
    byKatapult,
  );
  tell(
    byKlipper.stdout.includes(`canbus_uuid=${uuid}, Application: Klipper`),
    `${id}: canbus_query.py finds the predicted ${uuid} on the bus`,
    byKlipper,
  );

  const entered = await judges.flashtool(`-i ${can} -u ${uuid} -r`);
  tell(
    entered.exitCode === 0 && (await judges.comesUp(port)),
    `${id}: flashtool.py asks the bridge for Katapult over CAN`,
    entered,
  );

  const ours = makeKlipperImage({ mcu, size, seed: 9 });
  const file = await judges.klipperFile(ours);
  const installed = await judges.canopus(`install-klipper --port ${port} --image ${file}`);
  const again = await judges.canbusQuery(await judges.canUp(port));
  tell(
    installed.exitCode === 0 && holds(board, ours) && again.stdout.includes(`canbus_uuid=${uuid}`),
    `${id}: what canopus writes over it starts, and canbus_query.py finds it`,
    installed.exitCode === 0 ? again : installed,
  );

  const oneCommand = await judges.flashtool(`-i ${can} -u ${uuid} -f ${await judges.klipperFile(image)}`);
  tell(
    oneCommand.exitCode === 0 && holds(board, image),
    `${id}: flashtool.py updates the running bridge in one command`,
    oneCommand,
  );
}

/** Klipper on USB serial, which is asked for Katapult at 1200 baud. */
async function judgeSerial(guestBench: GuestBench, judges: Judges): Promise<void> {
  const board = guestBench.bench.board('f446');
  board.flash.load(applicationStart, makeKlipperImage({ role: 'none' }));
  board.setPower(false);
  board.setPower(true);
  const { tty } = await guestBench.present('1-1', 'klipper-serial');
  const entered = await judges.flashtool(`-d ${tty} -r`);
  tell(
    entered.exitCode === 0 && (await judges.comesUp('1-1')),
    'f446: flashtool.py asks Klipper on USB serial for Katapult',
    entered,
  );
}

/** Toolheads behind the F446's bridge, of two chips: flashtool.py before and after what canopus writes over libusb. */
async function judgeNodes(guestBench: GuestBench, judges: Judges): Promise<void> {
  const board = guestBench.bench.board('f446');
  board.flash.load(applicationStart, makeKlipperImage({ size }));
  board.setPower(false);
  board.setPower(true);
  for (const { uuid, mcu, flash } of board.toolheads) {
    const theirs = makeKlipperImage({ mcu, role: 'node', size: 6000, seed: 3 });
    const ours = makeKlipperImage({ mcu, role: 'node', size: 6000, seed: 4 });
    const holdsImage = (image: Uint8Array): boolean =>
      Buffer.compare(flash.read(applicationStart, image.length), image) === 0;

    let can = await judges.canUp('1-1');
    const before = await judges.flashtool(`-i ${can} -u ${uuid} -f ${await judges.klipperFile(theirs)}`);
    tell(
      before.exitCode === 0 && before.stdout.includes('Verification Complete') && holdsImage(theirs),
      `${uuid} (${mcu}): flashtool.py writes and verifies the virtual toolhead over can0`,
      before,
    );

    const file = await judges.klipperFile(ours);
    const written = await judges.canopus(`can flash --place can:1-1/${uuid} --image ${file}`);
    tell(
      written.exitCode === 0 && holdsImage(ours),
      `${uuid} (${mcu}): canopus asks its Klipper for Katapult and writes it over libusb`,
      written,
    );

    can = await judges.canUp('1-1');
    const seen = await judges.canbusQuery(can);
    tell(
      seen.stdout.includes(`canbus_uuid=${uuid}, Application: Klipper`),
      `${uuid} (${mcu}): canbus_query.py finds it over the can0 that is there again`,
      seen,
    );
    const after = await judges.flashtool(`-i ${can} -u ${uuid} -f ${file}`);
    tell(
      after.exitCode === 0 && after.stdout.includes('Verification Complete') && holdsImage(ours),
      `${uuid} (${mcu}): flashtool.py writes and verifies it again after that`,
      after,
    );
  }
}

await buildForGuest();
await buildCommandLine();
const booted = await startGuest({ cacheDir: path.resolve('.cache/kernel') });
try {
  const { guest } = booted;
  await using guestBench = await GuestBench.open(guest, {
    boards: boards.map((board) => ({
      ...board,
      flash: [{ address: flashStart, bytes: makeKatapultImage({ mcu: board.mcu }) }],
      canNodes: board.id === 'f446' ? [...toolheads] : [],
    })),
  });
  const judges = new Judges(guest, guestBench);
  await judges.bring(path.resolve(katapult, 'scripts/flashtool.py'));
  await judges.bring(path.resolve(klipper, 'scripts/canbus_query.py'));
  await judgeNodes(guestBench, judges);
  await judgeSerial(guestBench, judges);
  for (const board of boards) await judge(guestBench, judges, board);
} finally {
  await booted.stop();
}
say(failures === 0 ? '\nEverything is as it must be.' : `\n${failures} are not as they must be.`);
process.exitCode = failures === 0 ? 0 : 1;
