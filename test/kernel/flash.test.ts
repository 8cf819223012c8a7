import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { McuName } from '../../app/mcu/mcu.ts';
import { canbusUuid } from '../../app/boards/canbus-uuid.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { CanopusRun } from './canopus.ts';
import { guestShareDir, type Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const flashStart = 0x0800_0000;
const application = 0x0800_8000;

const boards = [
  {
    id: 'f446',
    mcu: 'stm32f446xx',
    preset: 'btt-octopus:f446',
    port: '1-1',
    uid: '430014000A50534E4E313120',
  },
  {
    id: 'f407',
    mcu: 'stm32f407xx',
    preset: 'btt-octopus:f407',
    port: '1-2',
    uid: '39001B000C51313339373836',
  },
  {
    id: 'f429',
    mcu: 'stm32f429xx',
    preset: 'btt-octopus:f429',
    port: '1-3',
    uid: '37001A001851303439363932',
  },
  // Another F446: in ROM DFU both say the same serial number.
  {
    id: 'twin',
    mcu: 'stm32f446xx',
    preset: 'btt-octopus:f446',
    port: '1-4',
    uid: '2C0041000A50534E4E313120',
  },
] as const satisfies readonly { id: string; mcu: McuName; preset: string; port: string; uid: string }[];

type BoardUnderTest = (typeof boards)[number];

let guest: Guest;
let bench: VirtualBench;
let plugged: PluggedBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  bench = new VirtualBench(
    {
      boards: boards.map(({ id, mcu, port, uid }) => ({ id, mcu, port, uid, boot0: true, enumerationMs: 5 })),
    },
    { clock: systemClock, timeScale: 0.2 },
  );
  plugged = await plugBench(guest, bench);
});
afterAll(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

async function share(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(path.join(guest.address.shareDir, name), bytes);
  return `${guestShareDir}/${name}`;
}

interface Images {
  readonly katapult: Uint8Array;
  readonly klipper: Uint8Array;
}

function imagesFor({ mcu }: BoardUnderTest, seed = 1): Images {
  // A third of a real Klipper, over two flash sectors: the emulated guest moves 2 KB a second.
  return {
    katapult: makeKatapultImage({ mcu, seed }),
    klipper: makeKlipperImage({ mcu, seed, size: 17_000 }),
  };
}

/** `canopus flash` on one board. Whoever is asked for the jumper takes it off and power-cycles the board. */
async function flash(board: BoardUnderTest, { katapult, klipper }: Images) {
  const files = await Promise.all([
    share(`${board.id}-katapult.bin`, katapult),
    share(`${board.id}-klipper.bin`, klipper),
  ]);
  const run = new CanopusRun(
    guest,
    `flash --port ${board.port} --preset ${board.preset} --katapult ${files[0]} --klipper ${files[1]}`,
  );
  void run.event({ type: 'ask', ask: 'remove-jumper' }).then(
    () => {
      const virtual = bench.board(board.id);
      virtual.setBoot0(false);
      virtual.setPower(false);
      virtual.setPower(true);
    },
    () => undefined, // not asked for
  );
  return run.result();
}

function expectFlashHolds(board: BoardUnderTest, { katapult, klipper }: Images): void {
  const { flash: memory } = bench.board(board.id);
  expect(Buffer.compare(memory.read(flashStart, katapult.length), katapult)).toBe(0);
  expect(Buffer.compare(memory.read(application, klipper.length), klipper)).toBe(0);
}

/** The kernel's CAN interface that belongs to a port. */
async function canInterface(port: string): Promise<string> {
  const folder = `/sys/bus/usb/devices/${port}/${port}:1.0/net`;
  await guest.until(`ls ${folder}`);
  return (await guest.must(`ls ${folder}`)).trim();
}

describe('canopus flash on a real kernel', () => {
  it.each(boards.slice(0, 3))('takes a bare $id from DFU to a CAN interface', async (board) => {
    await guest.until(`test -e /sys/bus/usb/devices/${board.port}`);
    const images = imagesFor(board);
    const { exitCode, last } = await flash(board, images);
    expect(last).toMatchObject({
      type: 'report',
      port: board.port,
      uid: board.uid,
      canbusUuid: canbusUuid(board.uid),
      mcu: board.mcu,
      written: {
        bootloader: { bytesVerified: images.katapult.length },
        application: { bytesVerified: images.klipper.length },
      },
    });
    expect(exitCode).toBe(0);
    expectFlashHolds(board, images);

    const can = await canInterface(board.port);
    await guest.must(`ip link set ${can} up type can bitrate 1000000`);
    const answer = await guest.must(
      `candump -n 1 -T 5000 -L ${can},3F1:7FF & sleep 0.2; cansend ${can} 3F0#00; wait`,
    );
    expect(answer.trim().split(' ').at(-1)).toBe(`3F1#20${canbusUuid(board.uid).toUpperCase()}01`);
    await guest.must(`ip link set ${can} down`);
  });

  it('brings a bridge up to date with no button', async () => {
    const [board] = boards;
    const images = { ...imagesFor(board), klipper: imagesFor(board, 9).klipper };
    const { exitCode, last, events } = await flash(board, images);
    expect(last).toMatchObject({ type: 'report', uid: board.uid, written: { bootloader: null } });
    expect(exitCode).toBe(0);
    expect(events.filter(({ type }) => type === 'ask')).toEqual([]);
    expectFlashHolds(board, images);
  });

  it('gives two boards in DFU with one serial number each its own images', async () => {
    const pair = [boards[0], boards[3]];
    for (const { id } of pair) {
      const virtual = bench.board(id);
      virtual.setBoot0(true);
      virtual.setPower(false);
      virtual.setPower(true);
    }
    for (const { port } of pair) await guest.until(`grep -qs df11 /sys/bus/usb/devices/${port}/idProduct`);
    const serials = await guest.must(
      `cat ${pair.map(({ port }) => `/sys/bus/usb/devices/${port}/serial`).join(' ')}`,
    );
    expect(new Set(serials.trim().split('\n')).size).toBe(1);
    const images = pair.map((board, index) => imagesFor(board, 20 + index));
    const results = await Promise.all(pair.map((board, index) => flash(board, images[index]!)));
    expect(results.map(({ last }) => last)).toMatchObject(pair.map(({ uid }) => ({ type: 'report', uid })));
    pair.forEach((board, index) => expectFlashHolds(board, images[index]!));
  });
});
