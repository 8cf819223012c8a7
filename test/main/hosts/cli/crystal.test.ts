import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { canopus } from './command-line.ts';

let folder: string;
const file = (name: string): string => path.join(folder, name);

/** An Octopus F446, 12 MHz: in DFU on 1-1, in Katapult on 1-2, as a running bridge on 1-3; nothing takes time. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'canopus-cli-crystal-'));
  const write = async (kind: string, options: Parameters<typeof makeKatapultImage>[0]): Promise<void> => {
    await writeFile(file(`katapult-${kind}.bin`), makeKatapultImage(options));
    await writeFile(file(`klipper-${kind}.bin`), makeKlipperImage(options));
  };
  await write('silent', { clockCode: 'read' });
  await write('8mhz', { clockCode: 'folded', crystalHz: 8_000_000 });
  await write('12mhz', { clockCode: 'folded' });
  const katapult = { address: '0x08000000', file: 'katapult-12mhz.bin' };
  const klipper = { address: '0x08008000', file: 'klipper-12mhz.bin' };
  const boards = [
    { id: 'a', mcu: 'stm32f446xx', uid: '430014000A50534E4E313120', port: '1-1', boot0: true },
    { id: 'b', mcu: 'stm32f446xx', uid: '39001B000C51313339373836', port: '1-2', flash: [katapult] },
    { id: 'c', mcu: 'stm32f446xx', uid: '37001A001851303439363932', port: '1-3', flash: [katapult, klipper] },
  ];
  await writeFile(file('bench.json'), JSON.stringify({ timeScale: 0, boards }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Path {
  readonly name: string;
  readonly args: (kind: string) => readonly string[];
}

const preset = ['--preset', 'octopus:f446'];
const paths: readonly Path[] = [
  {
    name: 'install-katapult',
    args: (kind) => ['install-katapult', '--port', '1-1', '--image', file(`katapult-${kind}.bin`)],
  },
  {
    name: 'install-klipper',
    args: (kind) => ['install-klipper', '--port', '1-2', '--image', file(`klipper-${kind}.bin`)],
  },
  {
    name: 'flash',
    args: (kind) => [
      ...['flash', '--port', '1-3', '--katapult', file(`katapult-${kind}.bin`)],
      ...['--klipper', file(`klipper-${kind}.bin`)],
    ],
  },
];

async function run(args: readonly string[]) {
  const { events, exitCode } = await canopus(...args, ...preset, '--sim', file('bench.json'), '--json');
  const erases = events.some((event) => event['phase'] === 'erase');
  return { exitCode, erases, last: events.at(-1) ?? {} };
}

describe.each(paths)('canopus $name', ({ args }) => {
  it('asks before it writes an image that does not state its crystal', async () => {
    const { exitCode, erases, last } = await run(args('silent'));
    expect(last).toMatchObject({ code: 'image/crystal-unknown', state: 'untouched' });
    expect({ exitCode, erases }).toEqual({ exitCode: 3, erases: false });
  });

  it('refuses it where it is said to be for another crystal than the board has', async () => {
    const { exitCode, erases, last } = await run([...args('silent'), '--confirm-crystal', '8']);
    expect(last).toMatchObject({ code: 'image/wrong-crystal', state: 'untouched' });
    expect({ exitCode, erases }).toEqual({ exitCode: 3, erases: false });
  });

  it('writes it once a person vouches for the crystal', async () => {
    const { exitCode, last } = await run([...args('silent'), '--confirm-crystal', '12']);
    expect(last).toMatchObject({ type: 'report' });
    expect(exitCode).toBe(0);
  });

  it('refuses one for 8 MHz whatever a person says, as GCC 8 makes it, and writes its 12 MHz twin', async () => {
    const { exitCode, erases, last } = await run([...args('8mhz'), '--confirm-crystal', '12']);
    expect(last).toMatchObject({ code: 'image/wrong-crystal', state: 'untouched' });
    expect({ exitCode, erases }).toEqual({ exitCode: 3, erases: false });
    expect(await run(args('12mhz'))).toMatchObject({ exitCode: 0, last: { type: 'report' } });
  });
});

describe('canopus bench', () => {
  it('asks when the recipe is made, and not at each board', async () => {
    const recipe = async (name: string, more: object): Promise<string> => {
      const images = { katapult: 'katapult-silent.bin', klipper: 'klipper-silent.bin' };
      const plain = { preset: 'btt-octopus', variant: 'f446', ...images, modes: ['katapult'], count: 1 };
      await writeFile(file(name), JSON.stringify({ ...plain, ...more }));
      return file(name);
    };
    const bench = async (recipeFile: string) => {
      const place = ['--sim', file('bench.json'), '--data', file('data'), '--json'];
      const { events, exitCode } = await canopus('bench', '--recipe', recipeFile, '--arm', ...place);
      return { exitCode, last: events.at(-1) ?? {}, slots: events.filter(({ type }) => type === 'slot') };
    };
    const asked = await bench(await recipe('silent.json', {}));
    expect(asked).toMatchObject({ exitCode: 3, slots: [], last: { code: 'image/crystal-unknown' } });
    const wrong = await bench(await recipe('wrong.json', { confirmCrystal: 8 }));
    expect(wrong).toMatchObject({ exitCode: 3, slots: [], last: { code: 'image/wrong-crystal' } });
    const confirmed = await bench(await recipe('right.json', { confirmCrystal: 12 }));
    expect(confirmed).toMatchObject({ exitCode: 0, last: { type: 'report', done: 1 } });
  });
});

describe('canopus inspect', () => {
  it('says that a crystal is unknown', async () => {
    expect((await canopus('inspect', file('klipper-silent.bin'))).stdout).toMatch(/^crystal +unknown$/m);
    expect((await canopus('inspect', file('klipper-12mhz.bin'))).stdout).toMatch(/^crystal +12 MHz$/m);
    const { events } = await canopus('inspect', file('klipper-silent.bin'), '--json');
    expect(events.at(-1)).toMatchObject({ crystalHz: null });
  });

  it('calls the internal oscillator what it is', async () => {
    await writeFile(file('internal.bin'), makeKlipperImage({ crystalHz: null }));
    expect((await canopus('inspect', file('internal.bin'))).stdout).toMatch(
      /^crystal +none: internal oscillator$/m,
    );
  });
});
