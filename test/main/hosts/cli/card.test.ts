import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { canopus, type CommandResult } from './command-line.ts';

const image = makeKlipperImage({
  ...{ mcu: 'stm32f407xx', crystalHz: 8_000_000, applicationAddress: 0x0800c000 },
  pins: ['PB12', 'PB13'],
});

let folder: string;
const file = (name: string): string => join(folder, name);
const cardFolder = (): string => file('data/data/virtual-card');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-cli-card-'));
  await writeFile(file('klipper.bin'), image);
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards: [] }));
});
beforeEach(() => rm(cardFolder(), { recursive: true, force: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

const onBench = (...args: string[]): Promise<CommandResult> =>
  canopus(...args, '--sim', file('bench.json'), '--data', file('data'), '--json');
const write = (preset: string, ...more: string[]): Promise<CommandResult> =>
  onBench('card', 'write', '--preset', preset, '--image', file('klipper.bin'), ...more);

describe('canopus card', () => {
  it('list: has the virtual card of a virtual bench', async () => {
    const { exitCode, events } = await onBench('card', 'list');
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({ cards: [{ path: cardFolder(), isVirtual: true }] });
  });

  it("write: puts the image there under the name that the board's bootloader looks for", async () => {
    const { exitCode, events } = await write('mks-skipr');
    expect(events.at(-1)).toMatchObject({
      ...{ type: 'report', state: 'untouched', fileName: 'mks_skipr.bin', bytes: image.length },
      path: join(cardFolder(), 'mks_skipr.bin'),
    });
    expect(exitCode).toBe(0);
    expect(Buffer.from(image).equals(await readFile(join(cardFolder(), 'mks_skipr.bin')))).toBe(true);
  });

  it('write: refuses an image for another place and leaves the card as it is', async () => {
    const { exitCode, events } = await write('mellow-fly-super8');
    expect(exitCode).not.toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'image/wrong-address', state: 'untouched' });
    expect(await readdir(cardFolder())).toEqual([]);
  });

  it('write: refuses a folder that is no removable drive', async () => {
    const { events } = await write('mks-skipr', '--card', folder);
    expect(events.at(-1)).toMatchObject({ type: 'error', code: 'card/none', state: 'untouched' });
  });
});
