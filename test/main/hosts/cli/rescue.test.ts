import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { openStation } from '../../../../main/station.ts';
import { createCliContext } from '../../../../main/hosts/cli/context.ts';
import { createProgram } from '../../../../main/hosts/cli/program.ts';
import type { Board } from '../../../../main/sim/board/board.ts';
import type { VirtualBench } from '../../../../main/sim/virtual-bench.ts';
import { powerCycle } from '../../station/bench-rig.ts';

let folder: string;
const file = (name: string): string => path.join(folder, name);

/** Two F446 with 8 MHz, sold with 12: in DFU on 1-1, and with a Katapult that runs on 1-2; nothing takes time. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-rescue-'));
  for (const mhz of [8, 12]) {
    await writeFile(file(`katapult-${mhz}.bin`), makeKatapultImage({ crystalHz: mhz * 1e6 }));
    await writeFile(file(`klipper-${mhz}.bin`), makeKlipperImage({ crystalHz: mhz * 1e6 }));
  }
  const unknown = makeKlipperImage({ crystalHz: 12_000_000, clockCode: 'read' });
  await writeFile(file('klipper-unknown.bin'), unknown);
  const same = { mcu: 'stm32f446xx', crystalHz: 8_000_000 };
  const flash = [{ address: '0x08000000', file: 'katapult-8.bin' }];
  const boards = [
    { ...same, id: 'dfu', uid: '430014000A50534E4E313120', port: '1-1', boot0: true },
    { ...same, id: 'katapult', uid: '39001B000C51313339373836', port: '1-2', flash },
  ];
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Event = Readonly<Record<string, unknown>>;

/** Does what the command asks of a person. */
function obey(board: Board, { ask }: Event): void {
  if (ask === 'back-to-dfu' || ask === 'press-reset') board.reset();
  if (ask === 'wake-katapult') board.doubleTap();
  if (ask === 'remove-jumper') powerCycle(board, false);
}

/** Runs a command as `canopus ARGS --json` would, with a person at the virtual board. */
async function withHands(id: string, ...args: readonly string[]) {
  const events: Event[] = [];
  let bench: VirtualBench | null = null;
  const hear = (line: string): void => {
    const event = JSON.parse(line) as Event;
    events.push(event);
    if (event['type'] === 'ask' && bench !== null) obey(bench.board(id), event);
  };
  const streams = { stdout: { write: hear }, stderr: process.stderr };
  const context = createCliContext(streams, async (wanted) => {
    const station = await openStation(wanted);
    ({ bench } = station);
    return station;
  });
  const place = ['--preset', 'btt-octopus:f446', '--sim', file('bench.json'), '--data', file('data')];
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await createProgram(context).parseAsync([...args, ...place, '--json'], { from: 'user' });
    const told = events.flatMap(({ type, stage, crystalHz }) =>
      type === 'search' ? `${String(stage)} ${Number(crystalHz) / 1e6}` : [],
    );
    const asks = events.flatMap(({ type, ask }) => (type === 'ask' ? ask : []));
    return { exitCode: process.exitCode, last: events.at(-1) ?? {}, told, asks };
  } finally {
    process.exitCode = before;
  }
}

describe('canopus flash --rescue', () => {
  it('ends as a running bridge where the board has another crystal than its preset', async () => {
    const images = ['--katapult', file('katapult-12.bin'), '--klipper', file('klipper-12.bin')];
    const end = await withHands('dfu', 'flash', '--port', '1-1', ...images, '--rescue');
    expect(end).toMatchObject({ exitCode: 0, told: ['try 8', 'found 8'] });
    expect(end.last).toMatchObject({ type: 'report', state: 'running-bridge', crystalHz: 8_000_000 });
    expect(end.asks).toEqual(['back-to-dfu', 'remove-jumper']);
  });
});

describe('canopus install-klipper', () => {
  const install = (image: string, ...more: readonly string[]) =>
    withHands('katapult', 'install-klipper', '--port', '1-2', '--image', file(image), ...more);

  it('refuses Klipper for another crystal than the one of the Katapult that runs', async () => {
    const { exitCode, last } = await install('klipper-12.bin');
    expect(last).toMatchObject({ code: 'image/wrong-crystal', state: 'untouched' });
    expect(exitCode).toBe(3);
  });

  it('writes Klipper for that crystal instead with --rescue, without a hand', async () => {
    const { exitCode, last, asks } = await install('klipper-12.bin', '--rescue');
    expect(last).toMatchObject({ type: 'report', seen: 'can-bridge', crystalHz: 8_000_000 });
    expect({ exitCode, asks }).toEqual({ exitCode: 0, asks: [] });
  });

  it('does so with --rescue after a double tap where only its silence shows that it is for another', async () => {
    const { last, told, asks } = await install(
      'klipper-unknown.bin',
      ...['--confirm-crystal', '12', '--rescue'],
    );
    expect(last).toMatchObject({ type: 'report', seen: 'can-bridge', crystalHz: 8_000_000 });
    expect({ told, asks }).toEqual({ told: ['found 8'], asks: ['wake-katapult'] });
  });
});
