import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Control, type ControlAnswer } from '../../../main/sim/control.ts';
import { serveBench, type ServedBench } from '../../../main/sim/serve-bench.ts';
import { systemClock } from '../../../main/system-clock.ts';
import {
  application,
  bench,
  board,
  bridgeImage,
  katapultImage,
  untilRunning,
  withBridge,
} from './bench-rig.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-bench-'));
});
afterEach(() => rm(folder, { recursive: true }));

function person(...args: Parameters<typeof bench>) {
  const rig = bench(...args);
  const answers: ControlAnswer[] = [];
  const control = new Control(rig.bench, (answer) => answers.push(answer));
  const ask = async (command: object | string): Promise<ControlAnswer> => {
    await control.take(typeof command === 'string' ? command : JSON.stringify(command));
    return answers.at(-1) ?? {};
  };
  return { ...rig, answers, ask };
}

describe('Control', () => {
  it('has a hand for everything that a person can do at the bench', async () => {
    const { bench: virtual, ask } = person(board({ flash: withBridge }));
    await untilRunning(virtual, 'a', 'can-bridge');
    expect(await ask({ do: 'jumper', board: 'a', on: true })).toMatchObject({
      ok: true,
      board: { boot0: true },
    });
    await ask({ do: 'reset', board: 'a' });
    await untilRunning(virtual, 'a', 'dfu');
    await ask({ do: 'jumper', board: 'a', on: false });
    await ask({ do: 'doubleTap', board: 'a' });
    await untilRunning(virtual, 'a', 'katapult');
    expect(await ask({ do: 'power', board: 'a', on: false })).toMatchObject({ board: { running: 'off' } });
    await ask({ do: 'power', board: 'a', on: true });
    expect(await ask({ do: 'unplug', board: 'a' })).toMatchObject({ board: { plugged: false, on: false } });
    expect(await ask({ do: 'move', board: 'a', port: '1-3.1' })).toMatchObject({ board: { port: '1-3.1' } });
    await ask({ do: 'plug', board: 'a' });
    await untilRunning(virtual, 'a', 'can-bridge');
    await ask({ do: 'hub', port: '1-3', plugged: false });
    expect(virtual.board('a').plugged).toBe(false);
    await ask({ do: 'hub', port: '1-3', plugged: true });
    expect(virtual.board('a').plugged).toBe(true);
  });

  it('adds, swaps and removes boards', async () => {
    const { bench: virtual, ask } = person(board());
    const config = board({ id: 'b', port: '1-2', uid: '39001B000C51313339373836' });
    expect(await ask({ do: 'add', config })).toMatchObject({ ok: true, board: { id: 'b' } });
    await ask({ do: 'swap', board: 'a', with: 'b' });
    expect(virtual.boards.map(({ port }) => port)).toEqual(['1-2', '1-1']);
    expect(await ask({ do: 'remove', board: 'b' })).toEqual({ ok: true });
    expect(await ask({ do: 'list' })).toMatchObject({ boards: [{ id: 'a', canbusUuid: '6beb0175188a' }] });
  });

  it('arms faults and takes them back', async () => {
    const { ask } = person(board());
    const fault = { kind: 'unplug', mode: 'dfu', phase: 'write', after: 100 };
    expect(await ask({ do: 'fault', board: 'a', fault })).toMatchObject({ board: { faults: [fault] } });
    expect(await ask({ do: 'clearFaults', board: 'a' })).toMatchObject({ board: { faults: [] } });
  });

  it('dumps flash into a file or into the reply, and loads a file', async () => {
    const { ask } = person(board({ flash: withBridge }));
    const file = path.join(folder, 'dump.bin');
    const dump = { do: 'dump', board: 'a', address: '0x08008000', length: bridgeImage.length };
    expect(await ask({ ...dump, file })).toMatchObject({ ok: true, file, length: bridgeImage.length });
    expect((await readFile(file)).equals(bridgeImage)).toBe(true);
    const inline = await ask({ ...dump, length: 4 });
    expect(inline['base64']).toBe(Buffer.from(bridgeImage.subarray(0, 4)).toString('base64'));
    expect(await ask({ do: 'dump', board: 'a' })).toMatchObject({ length: 512 * 1024 });
    expect(await ask({ do: 'load', board: 'a', address: application + 0x40000, file })).toMatchObject({
      ok: true,
    });
  });

  it('sends events to every watcher', async () => {
    const { bench: virtual, ask, answers } = person(board({ boot0: true }));
    await ask({ do: 'watch' });
    await untilRunning(virtual, 'a', 'dfu');
    expect(answers).toContainEqual({
      type: 'event',
      event: 'attach',
      board: 'a',
      port: '1-1',
      running: 'dfu',
    });
  });

  it.each([
    ['{"do":', 'control: not a line of JSON'],
    ['17', 'control: '],
    ['{"do":"explode","board":"a"}', 'control: '],
    ['{"do":"jumper","board":"a"}', 'control: on'],
    ['{"do":"reset","board":"z"}', 'There is no virtual board "z"'],
    ['{"do":"dump","board":"a","address":16}', 'not all in the board'],
    ['{"do":"fault","board":"a","fault":{"kind":"stuck-bit"}}', 'control: fault'],
  ])('refuses %s and goes on', async (line, message) => {
    const { ask } = person(board());
    const answer = await ask(line);
    expect(answer).toMatchObject({ ok: false, code: 'usage/invalid' });
    expect(answer['message']).toContain(message);
    expect(await ask({ id: 7, do: 'list' })).toMatchObject({ id: 7, ok: true });
  });
});

describe('serveBench', () => {
  async function serve(boards: object[]): Promise<{ served: ServedBench; printed: ControlAnswer[] }> {
    const file = path.join(folder, 'bench.json');
    await writeFile(path.join(folder, 'katapult.bin'), katapultImage);
    await writeFile(file, JSON.stringify({ timeScale: 0.01, boards }));
    const printed: ControlAnswer[] = [];
    const served = await serveBench({
      file,
      clock: systemClock,
      usbIpPort: 0,
      print: (line) => printed.push(line),
    });
    return { served, printed };
  }

  it('runs the file, with the images beside it, and is controlled over a socket', async () => {
    const { served, printed } = await serve([
      board({ flash: [{ address: '0x08000000', file: 'katapult.bin' }] }),
    ]);
    expect(printed).toMatchObject([{ type: 'ready', control: served.controlPort, usbip: served.usbIpPort }]);
    await untilRunning(served.bench, 'a', 'katapult');
    const socket = connect(served.controlPort, '127.0.0.1');
    socket.write('{"do":"jumper","board":"a","on":true}\n{"do":"re');
    socket.write('set","board":"a"}\n');
    await untilRunning(served.bench, 'a', 'dfu');
    socket.destroy();
    await served[Symbol.asyncDispose]();
  });

  it('refuses an invalid bench file, names the field and leaves nothing open', async () => {
    await expect(serve([{ ...board(), mcu: 'stm32f103xx' }])).rejects.toMatchObject({
      code: 'usage/invalid',
      details: { field: 'boards.0.mcu' },
    });
    await expect(
      serve([board({ flash: [{ address: 0x08000000, file: 'gone.bin' }] })]),
    ).rejects.toMatchObject({
      code: 'file/unreadable',
    });
  });
});
