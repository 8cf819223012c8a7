import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { canopus } from './command-line.ts';

let folder: string;
const file = (name: string): string => path.join(folder, name);

/** Boards that nothing can be done with for one reason each; nothing takes time. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-left-'));
  await writeFile(file('katapult.bin'), makeKatapultImage());
  await writeFile(file('klipper.bin'), makeKlipperImage());
  await writeFile(file('klipper-f407.bin'), makeKlipperImage({ mcu: 'stm32f407xx' }));
  await writeFile(file('text.bin'), 'not firmware');
  await writeFile(file('backup.bin'), new Uint8Array(1024 * 1024));
  await writeFile(file('recipe.json'), JSON.stringify({ preset: 'nope' }));
  const katapult = { address: '0x08000000', file: 'katapult.bin' };
  const klipper = { address: '0x08008000', file: 'klipper.bin' };
  const busy = [{ kind: 'access', code: 'link/busy' }];
  const deaf = [1, 2, 3].map((nth) => ({ kind: 'lost-answer', mode: 'katapult', nth }));
  const boards = [
    { port: '1-1', boot0: true },
    { port: '1-2', flash: [katapult] },
    { port: '1-3', flash: [katapult, klipper] },
    { port: '1-4', boot0: true, faults: busy },
    { port: '1-5', flash: [katapult], faults: busy },
    { port: '1-6', boot0: true, faults: [{ kind: 'read-protection' }] },
    { port: '1-7', flash: [katapult], faults: deaf },
  ].map((board, index) => ({
    id: board.port,
    mcu: 'stm32f446xx',
    uid: `43001400000000000000000${index + 1}`,
    ...board,
  }));
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const preset = ['--preset', 'btt-octopus-pro-1.1:f446'];
const installKatapult = (image = 'katapult.bin') => ['install-katapult', '--image', file(image)];
const installKlipper = (image = 'klipper.bin') => ['install-klipper', '--image', file(image)];
const flash = (klipper = 'klipper.bin') => [
  ...['flash', ...preset, '--katapult', file('katapult.bin'), '--klipper', file(klipper)],
];
const restore = (backup = file('backup.bin')) => ['restore', '--backup', backup];

type Case = readonly [code: string, args: () => readonly string[]];

const failures: readonly Case[] = [
  ['preset/unknown', () => [...installKatapult(), '--preset', 'nope', '--port', '1-1']],
  ['preset/unknown', () => [...installKlipper(), '--preset', 'nope', '--port', '1-2']],
  ['preset/unknown', () => [...flash(), '--preset', 'nope', '--port', '1-1']],
  ['image/unreadable', () => [...installKatapult('nowhere.bin'), '--port', '1-1']],
  ['image/unreadable', () => [...installKlipper('nowhere.bin'), '--port', '1-2']],
  ['image/unreadable', () => [...flash('nowhere.bin'), '--port', '1-1']],
  ['image/not-an-image', () => [...installKatapult('text.bin'), '--port', '1-1']],
  ['image/not-an-image', () => [...installKlipper('text.bin'), '--port', '1-2']],
  ['image/not-an-image', () => [...flash('text.bin'), '--port', '1-1']],
  ['image/wrong-kind', () => [...installKatapult('klipper.bin'), '--port', '1-1']],
  ['image/wrong-kind', () => [...installKlipper('katapult.bin'), '--port', '1-2']],
  ['image/wrong-mcu', () => [...installKlipper('klipper-f407.bin'), '--port', '1-2']],
  ['image/wrong-mcu', () => [...flash('klipper-f407.bin'), '--port', '1-1']],
  ['chip/bad-marking', () => [...installKatapult(), '--marking', 'potato', '--port', '1-1']],
  ['device/not-found', () => [...installKatapult(), '--port', '9-9']],
  ['device/not-found', () => [...installKlipper(), '--port', '9-9']],
  ['device/not-found', () => ['katapult-status', '--port', '9-9']],
  ['device/not-found', () => [...flash(), '--port', '9-9']],
  ['device/not-found', () => [...restore(), '--port', '9-9']],
  ['device/wrong-mode', () => [...installKatapult(), '--port', '1-2']],
  ['device/wrong-mode', () => [...installKlipper(), '--port', '1-3']],
  ['device/wrong-mode', () => ['katapult-status', '--port', '1-3']],
  ['link/busy', () => [...installKatapult(), '--port', '1-4']],
  ['link/busy', () => [...installKlipper(), '--port', '1-5']],
  ['link/busy', () => ['katapult-status', '--port', '1-5']],
  ['link/busy', () => [...flash(), '--port', '1-4']],
  ['link/busy', () => [...restore(), '--port', '1-4']],
  ['dfu/read-protected', () => [...installKatapult(), '--port', '1-6']],
  ['katapult/wedged', () => [...installKlipper(), '--port', '1-7']],
  ['katapult/wedged', () => ['katapult-status', '--port', '1-7']],
  ['backup/unknown', () => [...restore('20200101-000000-0000'), '--port', '1-1']],
  ['bench/bad-recipe', () => ['bench', '--arm', '--recipe', file('recipe.json')]],
];

const runs = (args: readonly string[], ...more: readonly string[]) =>
  canopus(...args, '--sim', file('bench.json'), '--data', file('data'), ...more);

describe('a command that fails before it changes a board', () => {
  it.each(failures)('says so: %s', { timeout: 30_000 }, async (code, args) => {
    const { events } = await runs(args(), '--json');
    expect(events.at(-1)).toMatchObject({ type: 'error', code, state: 'untouched' });
  });

  it('says so where the virtual boards cannot be opened', async () => {
    const args = [...installKatapult(), '--port', '1-1', '--json'];
    const { events } = await canopus(...args, '--sim', file('nowhere.json'));
    expect(events.at(-1)).toMatchObject({ type: 'error', state: 'untouched' });
  });
});

describe('a command that works on no board', () => {
  const failing = ['inspect', '/nowhere.bin'];

  it('says to programs that no board was touched, and spares people that', async () => {
    const { events } = await canopus(...failing, '--json');
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'image/unreadable', state: 'untouched' });
    expect((await canopus(...failing)).stderr).not.toContain('Nothing was erased');
  });
});

describe('a command that does its work', () => {
  it('says what it has left', async () => {
    const { events } = await runs([...installKlipper(), '--port', '1-2'], '--json');
    expect(events.at(-1)).toMatchObject({ type: 'report', state: 'running-bridge' });
  });
});
