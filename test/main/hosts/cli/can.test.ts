import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { canopus, type CommandResult } from './command-line.ts';

const [t1, t2] = ['44db3d634885', 'e7caf8297cd8'];

let folder: string;
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-can-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('bridge.bin'), makeKlipperImage());
  for (const mcu of ['stm32f446xx', 'stm32f407xx'] as const)
    await writeFile(file(`${mcu}.bin`), makeKlipperImage({ mcu, role: 'node', size: 4096 }));
  const board = { id: 'bridge', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-4' };
  const flash = [
    { address: '0x08000000', file: 'katapult.bin' },
    { address: '0x08008000', file: 'bridge.bin' },
  ];
  const canNodes = [
    { uuid: t1, application: 'katapult' },
    { uuid: t2, application: 'klipper', mcu: 'stm32f407xx' },
  ];
  const boards = [{ ...board, flash, canNodes }];
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const onBench = (...args: string[]): Promise<CommandResult> =>
  canopus(...args, '--sim', file('bench.json'), '--data', file('data'), '--json');

describe('canopus can', () => {
  it('nodes: lists what replies on the bus of the only bridge, without the bridge', async () => {
    const { exitCode, events } = await onBench('can', 'nodes');
    expect(exitCode).toBe(0);
    const report = events.at(-1);
    expect(report).toMatchObject({ type: 'report', bridge: '1-4', duplicates: [], isClaimed: false });
    expect(report?.['nodes']).toHaveLength(2);
    expect(report?.['nodes']).toEqual(
      expect.arrayContaining([
        { place: `can:1-4/${t1}`, canbusUuid: t1, application: 'katapult' },
        { place: `can:1-4/${t2}`, canbusUuid: t2, application: 'klipper' },
      ]),
    );
  });

  it('examine: counts the replies of what runs Klipper, and says what is left to do', async () => {
    const { exitCode, events } = await onBench('can', 'examine', '--node', `mcu EBB=${t2.toUpperCase()}`);
    expect(exitCode).toBe(0);
    const report = events.at(-1);
    expect(report).toMatchObject({ type: 'report', verdict: 'look', duplicates: [], others: [t1] });
    const nodes = report?.['nodes'] as {
      name: string;
      state: string;
      reset: string;
      idle: { requests: number };
    }[];
    expect(nodes.map(({ name, state, reset }) => [name, state, reset])).toEqual([
      ['mcu EBB', 'replies', 'back'],
      ['bridge', 'replies', 'no'],
      [t1, 'katapult', 'no'],
    ]);
    expect(nodes[0]?.idle.requests).toBeGreaterThan(5);
    expect(events.filter(({ type }) => type === 'exam-ramp')).toHaveLength(5);
  });

  it('flash: writes a node, says its way back first, and records the run at its place', async () => {
    const place = `can:1-4/${t2}`;
    const { exitCode, events } = await onBench(
      'can',
      'flash',
      '--place',
      place,
      '--image',
      file('stm32f407xx.bin'),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'report',
      place,
      state: 'running-node',
      bytesVerified: 4096,
    });
    expect(exitCode).toBe(0);
    const wayBack = events.findIndex(({ text }) => String(text).startsWith('If the write is cut short'));
    const write = events.findIndex(({ type, phase }) => type === 'phase' && phase === 'write');
    expect(wayBack).toBeGreaterThanOrEqual(0);
    expect(wayBack).toBeLessThan(write);
    const history = await canopus('history', '--virtual', '--data', file('data'), '--json');
    expect(history.events.find((run) => run['place'] === place)).toMatchObject({
      status: 'done',
      state: 'running-node',
      canbusUuid: t2,
    });
  });

  it('flash: refuses an image for another chip and leaves the node as it is', async () => {
    const { exitCode, events } = await onBench(
      ...['can', 'flash', '--place', `can:1-4/${t1}`, '--image', file('stm32f407xx.bin')],
    );
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'image/wrong-mcu', state: 'untouched' });
    expect(exitCode).not.toBe(0);
  });

  it('flash: says that there is no bridge on the port', async () => {
    const { events } = await onBench(
      ...['can', 'flash', '--place', `can:1-5/${t1}`, '--image', file('stm32f446xx.bin')],
    );
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'device/not-found', state: 'untouched' });
  });
});

describe('the place of a node in other commands', () => {
  it('boards: lists a node that was written through its bridge, also if its bus is not asked', async () => {
    const data = ['--sim', file('bench.json'), '--data', file('recorded'), '--json'];
    const before = await canopus('boards', ...data);
    expect(before.events.at(-1)).toMatchObject({ type: 'report', nodes: [] });
    const place = `can:1-4/${t2}`;
    const written = await canopus(
      ...['can', 'flash', '--place', place, '--image', file('stm32f407xx.bin'), ...data],
    );
    expect(written.exitCode).toBe(0);
    const { events } = await canopus('boards', ...data);
    expect(events.map(({ type }) => type)).toEqual(['board', 'node', 'report']);
    expect(events.at(-1)).toMatchObject({ nodes: [{ place, canbusUuid: t2, application: null }] });
    // It replies now, so that it is listed once.
    const asked = await canopus('boards', '--nodes', ...data);
    const listed = asked.events.at(-1)?.['nodes'] as { canbusUuid: string }[];
    expect(listed.map(({ canbusUuid }) => canbusUuid).sort()).toEqual([t1, t2]);
  });

  it('boards --nodes: lists each node under its bridge', async () => {
    const { exitCode, events } = await onBench('boards', '--nodes');
    expect(exitCode).toBe(0);
    expect(events.map(({ type, place }) => [type, place]).slice(0, 2)).toEqual([
      ['board', 'usb:1-4'],
      ['node', expect.stringMatching(/^can:1-4\//)],
    ]);
    const report = events.at(-1);
    expect((report?.['nodes'] as { place: string }[]).map(({ place }) => place).sort()).toEqual([
      `can:1-4/${t1}`,
      `can:1-4/${t2}`,
    ]);
  });

  it.each([
    ['flash', ['--preset', 'btt-octopus:f446', '--klipper']],
    ['install-klipper', ['--image']],
  ])('%s --place: writes Klipper to it over its bus', async (command, image) => {
    const place = `can:1-4/${t1}`;
    const { exitCode, events } = await onBench(
      ...[command, '--place', place, ...image, file('stm32f446xx.bin')],
    );
    expect(events.at(-1)).toMatchObject({
      type: 'report',
      place,
      state: 'running-node',
      bytesVerified: 4096,
    });
    expect(exitCode).toBe(0);
  });

  it('flash --place: takes no Katapult over CAN', async () => {
    const { exitCode, events } = await onBench(
      ...['flash', '--place', `can:1-4/${t1}`, '--preset', 'btt-octopus:f446'],
      ...['--katapult', file('katapult.bin'), '--klipper', file('stm32f446xx.bin')],
    );
    expect(exitCode).toBe(2);
    expect(events.at(-1)?.['message']).toMatch(/not for a CAN node/);
  });

  it('install-katapult --place: says that it needs a USB port', async () => {
    const { events } = await onBench(
      ...['install-katapult', '--place', `can:1-4/${t1}`, '--image', file('katapult.bin')],
    );
    expect(events.at(-1)).toMatchObject({ code: 'device/unreachable', state: 'untouched' });
  });
});
