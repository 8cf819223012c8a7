import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { usualBus } from '../../../../app/units.ts';
import type { PiWishes } from '../../../../app/pi/plan-types.ts';
import { recipeFromOptions } from '../../../../main/hosts/cli/build-images.ts';
import { createCliContext, type CliIo } from '../../../../main/hosts/cli/context.ts';
import { wishesOf, type PiOptions } from '../../../../main/hosts/cli/pi-options.ts';

const chosen = { bitrateBps: 500_000, txQueueLength: 256 };

async function dataFolder(settings: Readonly<Record<string, unknown>> | null): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'canopus-settings-'));
  await mkdir(join(folder, 'data'));
  if (settings !== null) await writeFile(join(folder, 'data', 'settings.json'), JSON.stringify(settings));
  return folder;
}

const changed = (): Promise<string> =>
  dataFolder({ defaultBitrateBps: chosen.bitrateBps, defaultTxQueueLength: chosen.txQueueLength });

const piOptions: PiOptions = {
  ...{ host: 'pi@printer', key: [], interface: 'can0', mcu: 'mcu', board: [] },
  ...{ stack: 'auto', hat: 'keep', restart: true },
};

async function wishesWith(options: Partial<PiOptions>): Promise<PiWishes | null> {
  const data = options.data ?? '';
  await writeFile(join(data, 'bench.json'), JSON.stringify({ timeScale: 0, boards: [] }));
  let wishes: PiWishes | null = null;
  const context = createCliContext({ stdout: { write: () => true }, stderr: { write: () => true } });
  await context.run({}, async (io) => {
    const client = await io.contract({ data, sim: join(data, 'bench.json') });
    wishes = await wishesOf(client, { ...piOptions, ...options });
    return null;
  });
  return wishes;
}

describe('a plan for a Pi from the command line', () => {
  it('starts from the bit rate and the queue length of the settings', async () => {
    expect(await wishesWith({ data: await changed() })).toMatchObject(chosen);
  });

  it('takes what was asked for instead', async () => {
    const options = { data: await changed(), bitrate: 250_000, txqueuelen: 1024 };
    expect(await wishesWith(options)).toMatchObject({ bitrateBps: 250_000, txQueueLength: 1024 });
  });

  it('starts from what is usual where nothing was ever set', async () => {
    expect(await wishesWith({ data: await dataFolder(null) })).toMatchObject(usualBus);
  });
});

describe('a build from the command line', () => {
  async function bitrateOf(options: { readonly bitrate?: number }): Promise<number> {
    const data = await changed();
    let bitrateBps = 0;
    await writeFile(join(data, 'bench.json'), JSON.stringify({ timeScale: 0, boards: [] }));
    const build = async (io: CliIo): Promise<null> => {
      const client = await io.contract({ data, sim: join(data, 'bench.json') });
      const { recipe } = await recipeFromOptions(io, 'octopus:f446', { on: 'local', ...options }, client);
      ({ bitrateBps } = recipe);
      return null;
    };
    await createCliContext({ stdout: { write: () => true }, stderr: { write: () => true } }).run({}, build);
    return bitrateBps;
  }

  it('starts from the bit rate of the settings, as one from the window does', async () => {
    expect(await bitrateOf({})).toBe(500_000);
    expect(await bitrateOf({ bitrate: 250_000 })).toBe(250_000);
  });
});
