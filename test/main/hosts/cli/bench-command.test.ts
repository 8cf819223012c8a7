import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { canopus } from './command-line.ts';

let folder: string;
const file = (name: string): string => path.join(folder, name);
let runs = 0;

/** Two boards in Katapult, one in DFU with a chip that nothing is armed for; nothing takes time. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-bench-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage());
  await writeFile(file('klipper-f407.bin'), makeKlipperImage({ mcu: 'stm32f407xx' }));
  const flash = [{ address: '0x08000000', file: 'katapult.bin' }];
  const boards = [
    { id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', flash },
    { id: 'b', mcu: 'stm32f446xx', uid: '2C0041000A50534E4E313120', port: '1-2.1', flash },
    { id: 'c', mcu: 'stm32f407xx', uid: '39001B000C51313339373836', port: '1-2.2', boot0: true },
  ];
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function recipe(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  runs += 1;
  const name = file(`recipe-${runs}.json`);
  const plain = { preset: 'btt-octopus', variant: 'f446', katapult: 'katapult.bin', klipper: 'klipper.bin' };
  await writeFile(name, JSON.stringify({ ...plain, modes: ['dfu', 'katapult'], count: 2, ...more }));
  return name;
}

async function onBench(...args: string[]) {
  const data = file(`data-${runs}`);
  const result = await canopus('bench', ...args, '--sim', file('bench.json'), '--data', data, '--json');
  return { ...result, last: result.events.at(-1) ?? {} };
}

describe('canopus bench', () => {
  it('does the boards that fit, refuses by name the one that does not, and ends with as many as were wanted', async () => {
    const { events, last, exitCode } = await onBench('--recipe', await recipe(), '--arm');
    expect(last).toMatchObject({ type: 'report', armed: true, done: 2, failed: 0, toDo: 0 });
    expect(exitCode).toBe(0);
    const ends = events.filter(
      ({ type, stage }) => type === 'slot' && (stage === 'done' || stage === 'refused'),
    );
    const byPort = new Map(ends.map((event) => [event['port'], event]));
    expect([...byPort.keys()].sort()).toEqual(['1-1', '1-2.1', '1-2.2']);
    expect(byPort.get('1-2.2')).toMatchObject({ stage: 'refused', code: 'bench/no-recipe' });
    expect(byPort.get('1-1')).toMatchObject({ stage: 'done', uid: '430014000A50534E4E313120' });
  });

  it('touches only the slots that were named', async () => {
    const args = ['--recipe', await recipe({ count: 1 }), '--arm', '--slots', '1-2.1'];
    const { last } = await onBench(...args);
    expect(last).toMatchObject({ done: 1, boards: [{ port: '1-2.1', result: 'done' }] });
  });

  it('starts nothing without --arm', async () => {
    const { events, last, exitCode } = await onBench('--recipe', await recipe());
    expect(last).toMatchObject({ type: 'report', armed: false, recipes: 1, boards: 3 });
    expect(exitCode).toBe(0);
    expect(events.filter(({ type }) => type === 'board')).toMatchObject([
      { port: '1-1', mode: 'katapult' },
      { port: '1-2.1', mode: 'katapult' },
      { port: '1-2.2', mode: 'dfu' },
    ]);
  });

  it.each([
    [{ count: 0 }, 'count'],
    [{ modes: ['bridge'] }, 'modes.0'],
    [{ klipper: undefined }, 'klipper'],
    [{ klippr: 'klipper.bin' }, 'klippr'],
  ])('refuses a recipe with %j, naming file and field', async (more, field) => {
    const name = await recipe(more);
    const { last, exitCode } = await onBench('--recipe', name, '--arm');
    expect(last).toMatchObject({ type: 'error', code: 'bench/bad-recipe', details: { file: name, field } });
    expect(exitCode).toBe(2);
  });

  it('refuses images that do not fit the board of the recipe, before anything is opened', async () => {
    const name = await recipe({ klipper: 'klipper-f407.bin' });
    const { last, exitCode } = await onBench('--recipe', name, '--arm');
    expect(last).toMatchObject({ type: 'error', code: 'image/wrong-mcu' });
    expect(exitCode).toBe(3);
  });

  it('refuses a slot that there is not, and a file that there is not', async () => {
    const slot = await onBench('--recipe', await recipe(), '--slots', 'A9');
    expect(slot.last).toMatchObject({ code: 'bench/unknown-slot' });
    const missing = await onBench('--recipe', file('nothing.json'));
    expect([slot.exitCode, missing.exitCode, missing.last['code']]).toEqual([2, 2, 'file/missing']);
  });

  it('refuses to arm a board with unconfirmed hazards', async () => {
    const { last, exitCode } = await onBench(
      '--recipe',
      await recipe({ preset: 'btt-octopus-pro-1.0' }),
      '--arm',
    );
    expect(last).toMatchObject({ type: 'error', code: 'bench/not-confirmed' });
    expect(exitCode).toBe(3);
  });
});
