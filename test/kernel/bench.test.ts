import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { McuName } from '../../app/mcu/mcu.ts';
import { Fault } from '../../main/sim/fault.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { Random } from '../fixtures/random.ts';
import { CanopusRun, type CliEvent } from './canopus.ts';
import { guestShareDir, type Guest } from './guest/client.ts';
import { plugBench, type PluggedBench } from './plug-bench.ts';
import { guestOfThisRun } from './this-run.ts';

const flashStart = 0x0800_0000;
const application = 0x0800_8000;

const kinds = [
  { mcu: 'stm32f446xx', variant: 'f446' },
  { mcu: 'stm32f407xx', variant: 'f407' },
  { mcu: 'stm32f429xx', variant: 'f429' },
] as const satisfies readonly { mcu: McuName; variant: string }[];

/** Small ones: the emulated guest moves 2 KB a second, and what is looked at is who gets which. */
const imagesOf = (mcu: McuName) => ({
  katapult: makeKatapultImage({ mcu, size: 2_048 }),
  klipper: makeKlipperImage({ mcu, size: 3_072 }),
});

const hex = (byte: number): string => byte.toString(16).padStart(2, '0').toUpperCase();

/** In ROM DFU all boards of one kind say the same serial number: it is a constant, or a sum over the UID. */
const boards = Array.from({ length: 8 }, (_, index) => ({
  id: `board-${index + 1}`,
  mcu: (kinds[index % kinds.length] ?? kinds[0]).mcu,
  port: `1-${index + 1}`,
  uid: `${hex(0x43 + index)}0014000A50534E${hex(0x4e - index)}313120`,
}));
type BoardUnderTest = (typeof boards)[number];

const random = new Random(20_260_101);
const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: random.below(1_000_000) }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

let guest: Guest;
let recipes: string;
let bench: VirtualBench;
let plugged: PluggedBench;

beforeAll(async () => {
  guest = await guestOfThisRun();
  const share = (name: string, content: Uint8Array | string) =>
    writeFile(path.join(guest.address.shareDir, name), content);
  for (const { mcu, variant } of kinds) {
    const { katapult, klipper } = imagesOf(mcu);
    const files = { katapult: `bench-${variant}-katapult.bin`, klipper: `bench-${variant}-klipper.bin` };
    await share(files.katapult, katapult);
    await share(files.klipper, klipper);
    const count = boards.filter((board) => board.mcu === mcu).length;
    const recipe = { preset: 'btt-octopus', variant, ...files, modes: ['dfu', 'katapult'], count };
    await share(`bench-${variant}.json`, JSON.stringify(recipe));
  }
  recipes = kinds.map(({ variant }) => `${guestShareDir}/bench-${variant}.json`).join(' ');
});

beforeEach(async () => {
  bench = new VirtualBench(
    { boards: boards.map((board) => ({ ...board, boot0: true, plugged: false, enumerationMs: 5 })) },
    { clock: systemClock, timeScale: 0.2 },
  );
  plugged = await plugBench(guest, bench);
});
afterEach(async () => {
  await plugged[Symbol.asyncDispose]();
  await bench[Symbol.asyncDispose]();
});

/** `canopus bench`, armed. Whoever is asked for the jumper takes it off and power-cycles that board. */
function arm(dataFolder: string, ...more: readonly string[]): CanopusRun {
  const run = new CanopusRun(
    guest,
    ['bench', '--recipe', recipes, '--arm', '--data', dataFolder, ...more].join(' '),
    { timeoutMs: 280_000 },
  );
  run.process.onLine((line) => {
    const event = line.startsWith('{') ? (JSON.parse(line) as CliEvent) : null;
    if (event?.type !== 'ask' || event['ask'] !== 'remove-jumper') return;
    const board = bench.boardAt(String(event['port']));
    if (board?.boot0 !== true) return;
    board.setPower(false);
    board.setBoot0(false);
    board.setPower(true);
  });
  return run;
}

function expectFlashHoldsItsOwn({ id, mcu }: BoardUnderTest): void {
  const { flash } = bench.board(id);
  const { katapult, klipper } = imagesOf(mcu);
  expect(Buffer.compare(flash.read(flashStart, katapult.length), katapult)).toBe(0);
  expect(Buffer.compare(flash.read(application, klipper.length), klipper)).toBe(0);
}

/** Armed: the recipes are there, and nothing is done yet. */
const armed = { type: 'counts', done: 0, toDo: boards.length } as const;

it('does eight boards of three kinds as they are plugged in, each with the images of its own recipe', async () => {
  const run = arm('/tmp/bench-all');
  await run.event(armed);
  for (const { id } of shuffled(boards)) bench.board(id).plug();
  const { exitCode, last } = await run.result();
  expect(last).toMatchObject({ type: 'report', done: 8, failed: 0, running: 0, toDo: 0 });
  expect(exitCode).toBe(0);
  for (const board of boards) expectFlashHoldsItsOwn(board);
  expect(last['boards']).toHaveLength(8);
  expect(last['boards']).toEqual(
    expect.arrayContaining(
      boards.map(({ port, uid }) => expect.objectContaining({ port, uid, result: 'done' }) as unknown),
    ),
  );
});

it('stops exactly the three boards that something happens to, and does them when they come again', async () => {
  const unlucky = shuffled(boards).slice(0, 3);
  const [stuck, pulledInDfu, pulledInKatapult] = unlucky as [BoardUnderTest, BoardUnderTest, BoardUnderTest];
  const lucky = boards.filter((board) => !unlucky.includes(board));
  // A bit of its Katapult that cannot become what the image wants.
  const wanted = imagesOf(stuck.mcu).katapult[0x100] ?? 0;
  const faults = [
    {
      ...{ board: stuck, code: 'dfu/flash-damaged' },
      fault: { kind: 'stuck-bit', address: flashStart + 0x100, bit: 0, sticksAt: (wanted & 1) ^ 1 },
    },
    {
      ...{ board: pulledInDfu, code: 'link/gone' },
      fault: { kind: 'unplug', mode: 'dfu', phase: 'write', after: 1_024 },
    },
    {
      ...{ board: pulledInKatapult, code: 'link/gone' },
      fault: { kind: 'unplug', mode: 'katapult', phase: 'write', after: 1_024 },
    },
  ];
  for (const { board, fault } of faults) bench.board(board.id).arm(Fault.parse(fault));

  const run = arm('/tmp/bench-faults');
  await run.event(armed);
  for (const { id } of shuffled(boards)) bench.board(id).plug();
  await run.event({ type: 'counts', done: 5, failed: 3, running: 0 });
  for (const { board, code } of faults)
    await run.event({ type: 'slot', port: board.port, stage: 'failed', code });
  for (const board of lucky) expectFlashHoldsItsOwn(board);

  // A person takes the three off, sees to them, and brings them again with the jumper on.
  for (const { id, port } of unlucky) {
    bench.board(id).unplug();
    bench.board(id).clearFaults();
    bench.board(id).setBoot0(true);
    await guest.until(`! test -e /sys/bus/usb/devices/${port}`);
  }
  // What is back within a moment was not taken off by anybody, and is left alone.
  await sleep(4000);
  for (const { id } of unlucky) bench.board(id).plug();
  const { exitCode, last, events } = await run.result();
  expect(last).toMatchObject({ type: 'report', done: 8, failed: 0, toDo: 0 });
  expect(exitCode).toBe(0);
  for (const board of boards) expectFlashHoldsItsOwn(board);
  const failed = events.filter(({ type, stage }) => type === 'slot' && stage === 'failed');
  expect(new Set(failed.map(({ port }) => port))).toEqual(new Set(unlucky.map(({ port }) => port)));
});
