import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ContractClient } from '../../app/contract/client.ts';
import { stationContract, type StationClient } from '../../app/contract/station-contract.ts';
import { boardSchema } from '../../app/boards/board.ts';
import { connectLocally } from '../../main/links/local/connect-locally.ts';
import { readStationFile } from '../../main/station/station-file.ts';
import { systemClock } from '../../main/system-clock.ts';
import { makeKatapultImage, makeKlipperImage } from '../../main/sim/sample-images.ts';

/** The built command line: stations and commands as separate processes. */
const cli = path.resolve('out/cli/canopus.js');

type Line = Readonly<Record<string, unknown>>;

let folder: string;
const file = (name: string): string => path.join(folder, name);
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-attach-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage());
  const flash = [{ address: '0x08000000', file: 'katapult.bin' }];
  const boards = [
    { id: 'dfu', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', boot0: true },
    { id: 'katapult', mcu: 'stm32f446xx', uid: '2C0041000A50534E4E313120', port: '1-2', flash },
  ];
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards }));
  await writeFile(file('other.json'), JSON.stringify({ timeScale: 0, boards: boards.slice(0, 1) }));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args, '--json'], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

/** Resolves with the first line that a process prints and that fits. */
async function lineOf(child: ChildProcess, fits: RegExp): Promise<Line> {
  const reader = createInterface({ input: child.stdout! });
  for await (const line of reader) if (fits.test(line)) return JSON.parse(line) as Line;
  throw new Error(`it ended without ${String(fits)}`);
}

async function run(...args: readonly string[]): Promise<{ exitCode: number | null; lines: readonly Line[] }> {
  const child = start(...args);
  child.stdin!.end();
  const ended = once(child, 'close') as Promise<[number | null]>;
  const lines = (await text(child.stdout!)).split('\n').filter(Boolean);
  return { exitCode: (await ended)[0], lines: lines.map((line) => JSON.parse(line) as Line) };
}

/** `canopus serve` with the two virtual boards. */
async function serve(data: string): Promise<ChildProcess> {
  const sim = ['--sim', file('bench.json'), '--data', file(data)];
  const station = start('serve', '--listen', '127.0.0.1:0', ...sim);
  await lineOf(station, /"link"/);
  return station;
}

/** Another client of the station, as a window is one. */
async function windowOn(data: string): Promise<StationClient> {
  const reach = (await readStationFile(file(`${data}/data`)))!;
  const { link } = await connectLocally(reach.address, reach);
  return new ContractClient(stationContract, { clock: systemClock, connect: () => Promise.resolve(link!) });
}

describe('a command beside a station', () => {
  it('flashes a board that the window sees, in events of the contract', async () => {
    await serve('a');
    const window = await windowOn('a');
    const install = ['install-klipper', '--port', '1-2', '--image', file('klipper.bin')];
    const { exitCode, lines } = await run(...install, '--data', file('a'));
    expect(exitCode).toBe(0);
    expect(lines.at(-1)).toMatchObject({ type: 'report', port: '1-2', seen: 'can-bridge' });
    const events = lines.slice(0, -1);
    expect(events.length).toBeGreaterThan(5);
    const { event: schema } = stationContract['jobs.watch'];
    for (const event of events) expect(schema.safeParse({ at: '', event })).toMatchObject({ success: true });
    for await (const event of window.stream('jobs.overview', null)) {
      expect(event.type === 'all' ? event.items : []).toMatchObject([
        { kind: 'flash-board', place: 'usb:1-2', status: 'done' },
      ]);
      break;
    }
    window.close();
    const listed = (await run('boards', '--data', file('a'))).lines.filter(({ type }) => type === 'board');
    expect(listed).toMatchObject([{ port: '1-1' }, { port: '1-2', mode: 'can-bridge' }]);
    for (const each of listed) expect(boardSchema.safeParse(each)).toMatchObject({ success: true });
  });

  it('is refused a board that the armed bench has, and names it', async () => {
    await serve('a');
    const window = await windowOn('a');
    // For a chip that is not there, so that nothing is written.
    const f407 = { presetId: 'btt-octopus', variantId: 'f407' };
    const images = await window.call('images.sample', f407);
    await window.call('bench.arm', {
      ...{ board: f407, images, modes: ['katapult'], target: null, confirmed: true },
    });
    const install = ['install-klipper', '--port', '1-2', '--image', file('klipper.bin')];
    const { exitCode, lines } = await run(...install, '--data', file('a'));
    expect(lines.at(-1)).toMatchObject({
      ...{ type: 'error', code: 'device/claimed', state: 'untouched' },
      details: { place: 'usb:1-2', owner: 'bench' },
    });
    expect(exitCode).toBe(3);
    window.close();
  });

  it('works with its boards, and with its own on another data folder', async () => {
    await serve('a');
    const { exitCode, lines } = await run('boards', '--data', file('a'));
    expect(exitCode).toBe(0);
    expect(lines.filter(({ type }) => type === 'board')).toMatchObject([
      { port: '1-1', mode: 'dfu' },
      { port: '1-2', mode: 'katapult', uid: '2C0041000A50534E4E313120' },
    ]);
    const other = await run('boards', '--data', file('b'), '--sim', file('other.json'));
    expect(other.lines.filter(({ type }) => type === 'board')).toMatchObject([{ port: '1-1' }]);
  });

  it('may name its virtual boards, but no others, and no second station', async () => {
    await serve('a');
    const same = await run('boards', '--data', file('a'), '--sim', file('bench.json'));
    expect(same.exitCode).toBe(0);
    const other = await run('boards', '--data', file('a'), '--sim', file('other.json'));
    expect(other).toMatchObject({ exitCode: 3, lines: [{ code: 'host/station-running' }] });
    const second = await run('serve', '--listen', '127.0.0.1:0', '--data', file('a'));
    expect(second).toMatchObject({ exitCode: 3, lines: [{ code: 'host/station-running' }] });
  });

  it('is shown by a second serve of the same boards, which ends at once', async () => {
    await serve('a');
    const bench = ['--sim', file('bench.json'), '--data', file('a')];
    const second = await run('serve', '--listen', '127.0.0.1:0', ...bench);
    expect(second.exitCode).toBe(0);
    const link = second.lines.find(({ type }) => type === 'link');
    expect((await fetch(String(link?.['url']))).status).toBe(200);
  });

  it('says in one coded error that the station was killed; the next opens its own', async () => {
    const station = await serve('a');
    const watching = start('boards', '--watch', '--data', file('a'));
    await lineOf(watching, /"port":"1-2"/);
    const said = lineOf(watching, /"error"/);
    const ended = once(watching, 'exit');
    station.kill('SIGKILL');
    expect(await said).toMatchObject({
      ...{ type: 'error', code: 'host/station-lost', state: 'untouched' },
      details: { pid: station.pid },
    });
    expect(await ended).toEqual([5, null]);
    expect(JSON.parse(await readFile(file('a/data/station.json'), 'utf8'))).toMatchObject({
      pid: station.pid,
    });
    const next = await run('boards', '--data', file('a'), '--sim', file('other.json'));
    expect(next).toMatchObject({ exitCode: 0, lines: [{ port: '1-1' }, { type: 'report' }] });
  });
});

describe('two commands at once', () => {
  it('share a station; the one that opened it stays until the other is done', async () => {
    const sim = ['--data', file('c'), '--sim', file('bench.json')];
    const first = start('boards', '--watch', ...sim);
    await lineOf(first, /"port":"1-2"/);
    const second = start('boards', '--watch', ...sim);
    await lineOf(second, /"port":"1-2"/);
    first.kill('SIGINT');
    // The first goes on serving: a third still finds the boards there.
    const third = await run('boards', '--data', file('c'));
    expect(third.lines).toMatchObject([{ port: '1-1' }, { port: '1-2' }, { type: 'report' }]);
    const ended = [once(first, 'exit'), once(second, 'exit')];
    second.kill('SIGINT');
    expect(await Promise.all(ended)).toEqual([
      [0, null],
      [0, null],
    ]);
  });
});
