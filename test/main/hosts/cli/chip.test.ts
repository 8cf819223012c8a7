import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mcuNames } from '../../../../app/mcu/mcu.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { romSerial } from '../../../../main/sim/rom-dfu/rom-strings.ts';
import { canopus, type CommandResult } from './command-line.ts';

let folder: string;
const file = (name: string): string => path.join(folder, name);
const uid = (number: number): string => `43001${number}000A50534E4E313120`;

const foreign = { mcu: 'stm32f407xx', boot0: true } as const;
/** One of each in DFU; nothing takes time. */
const boards = [
  { id: 'F446', mcu: 'stm32f446xx', port: '1-1', boot0: true },
  { id: 'F407', mcu: 'stm32f407xx', port: '1-2', boot0: true },
  { id: 'F407 of 512 KiB', mcu: 'stm32f407xx', flashKiB: 512, port: '1-3', boot0: true },
  { id: 'F405', mcu: 'stm32f405xx', port: '1-4', boot0: true },
  { id: 'F429', mcu: 'stm32f429xx', port: '1-5', boot0: true },
  { id: 'F429 of 2 MiB', mcu: 'stm32f429xx', flashKiB: 2048, port: '1-6', boot0: true },
  { ...foreign, id: 'G0B1', port: '1-7', rom: { memories: ['@Internal Flash   /0x08000000/64*02Kg'] } },
  {
    ...foreign,
    ...{ id: 'H723', port: '1-8' },
    rom: { memories: ['@Internal Flash   /0x08000000/8*128Kg', '@Option Bytes   /0x5200201C/01*88 e'] },
  },
  // As no F446 was seen: what is printed on it decides.
  {
    ...{ id: 'odd F446', mcu: 'stm32f446xx', port: '1-9', boot0: true },
    rom: { serial: romSerial('stm32f407xx', Buffer.from(uid(8), 'hex')) },
  },
].map((board, index) => ({ ...board, uid: uid(index) }));

const recipe = {
  ...{ preset: 'octopus', variant: 'f446', count: 1 },
  ...{ katapult: 'katapult-stm32f446xx.bin', klipper: 'klipper-stm32f446xx.bin' },
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-chip-'));
  for (const mcu of mcuNames) {
    await writeFile(file(`katapult-${mcu}.bin`), makeKatapultImage({ mcu }));
    await writeFile(file(`klipper-${mcu}.bin`), makeKlipperImage({ mcu }));
  }
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const onBench = (...args: string[]): Promise<CommandResult> =>
  canopus(...args, '--sim', file('bench.json'), '--data', file('data'), '--json');
const install = (port: string, mcu: string, ...more: string[]): Promise<CommandResult> =>
  onBench('install-katapult', '--port', port, '--image', file(`katapult-${mcu}.bin`), ...more);
const flash = (port: string, mcu: string, preset: string, ...more: string[]): Promise<CommandResult> => {
  const images = ['--katapult', file(`katapult-${mcu}.bin`), '--klipper', file(`klipper-${mcu}.bin`)];
  return onBench('flash', '--port', port, '--preset', preset, ...images, ...more);
};

function expectRefused({ events, exitCode }: CommandResult, code: string): Record<string, unknown> {
  const last = events.at(-1) ?? {};
  expect(last).toMatchObject({ type: 'error', code, state: 'untouched' });
  expect(exitCode).toBe(3);
  expect(events.filter(({ phase }) => phase === 'erase' || phase === 'write')).toEqual([]);
  return last;
}

describe.each(['install-katapult', 'flash'])('canopus %s of an image for an F446', (command) => {
  const run = (port: string, ...more: string[]): Promise<CommandResult> =>
    command === 'flash'
      ? flash(port, 'stm32f446xx', 'octopus:f446', '--wait', '0', ...more)
      : install(port, 'stm32f446xx', '--preset', 'octopus:f446', ...more);

  it.each(['1-2', '1-4', '1-5', '1-6', '1-7', '1-8'])(
    'refuses the other chip on %s before anything is erased',
    async (port) => {
      expectRefused(await run(port), 'chip/mismatch');
    },
  );

  it('asks for the marking of a chip that only its serial number speaks against', async () => {
    expectRefused(await run('1-3'), 'chip/marking-needed');
    expectRefused(await run('1-3', '--marking', 'STM32F407ZET6'), 'chip/marking-mismatch');
    expectRefused(await run('1-2', '--marking', 'STM32F446ZET6'), 'chip/mismatch');
  });

  it('goes on with the marking that bears the choice out', async () => {
    expectRefused(await run('1-9'), 'chip/marking-needed');
    const { events } = await run('1-9', '--marking', ' f446 zet6');
    // flash then waits for hands, which take no jumper off here.
    expect(events.at(-1)).toMatchObject(
      command === 'flash' ? { state: 'katapult-verified' } : { type: 'report' },
    );
    expect(events.filter(({ phase }) => phase === 'write').length).toBeGreaterThan(0);
  });

  it('refuses an invalid marking as wrong usage', async () => {
    const { events, exitCode } = await run('1-9', '--marking', 'GD32F407ZET6');
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'chip/bad-marking' });
    expect(exitCode).toBe(2);
  });
});

describe('canopus install-katapult without a preset', () => {
  it('holds the MCU of the image against the chip, and says what was not checked', async () => {
    const { events, exitCode } = await install('1-1', 'stm32f446xx');
    expect(exitCode).toBe(0);
    const notes = events.filter(({ type }) => type === 'note').map(({ text }) => String(text));
    expect(notes.join(' ')).toContain('No board was named');
    expectRefused(await install('1-1', 'stm32f429xx'), 'chip/mismatch');
    expectRefused(await install('1-1', 'stm32f407xx'), 'chip/marking-needed');
    expectRefused(await install('1-5', 'stm32f407xx'), 'chip/mismatch');
  });

  it('names the fact and what the chip may be', async () => {
    const last = expectRefused(await install('1-2', 'stm32f446xx'), 'chip/mismatch');
    expect(last['message']).toMatch(
      /^This chip has 1024 KiB of flash; an STM32F446 has at most 512: is it an F4/,
    );
  });
});

describe('the refusal of a chip', () => {
  it('names the variant of the board that fits', async () => {
    const last = expectRefused(await flash('1-2', 'stm32f446xx', 'octopus:f446'), 'chip/mismatch');
    expect(last['details']).toMatchObject({ variants: ['btt-octopus:f407'], fact: 'flash-size' });
    expect(last['next']).toContain('--preset btt-octopus:f407');
  });

  it('lets a chip through that the preset does not know, once its marking was read', async () => {
    const refused = await install('1-6', 'stm32f429xx', '--preset', 'octopus:f429');
    expect(expectRefused(refused, 'chip/mismatch')['next']).toContain('--marking');
    const { exitCode } = await install(
      '1-6',
      'stm32f429xx',
      '--preset',
      'octopus:f429',
      '--marking',
      'F429ZIT6',
    );
    expect(exitCode).toBe(0);
  });
});

describe('canopus bench', () => {
  it('refuses an invalid marking as wrong usage', async () => {
    await writeFile(file('recipe.json'), JSON.stringify(recipe));
    const bench = ['bench', '--recipe', file('recipe.json'), '--arm'] as const;
    const { events, exitCode } = await onBench(...bench, '--marking', '1-9=GD32F407ZET6');
    expect([exitCode, events.at(-1)?.['code']]).toEqual([2, 'chip/bad-marking']);
  });
});
