import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundlePieceBytes } from '../../../app/contract/entries/bundles.ts';
import { FirmwareService } from '../../../main/firmware/firmware-service.ts';
import { loadPresets } from '../../../main/presets.ts';
import { makeKlipperImage } from '../../../main/sim/sample-images.ts';
import { imageHandlers } from '../../../main/station/handlers/images.ts';
import { StationImages } from '../../../main/station/station-images.ts';
import { codeOfRejection } from '../../error-code.ts';
import { sample } from '../firmware/sample-record.ts';

let folder: string;
let firmware: FirmwareService;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canopus-images-'));
  firmware = openFirmware('here');
});
afterEach(async () => {
  await firmware[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function openFirmware(name: string): FirmwareService {
  const openPi = () => Promise.reject(new Error('this test has no Pi'));
  return new FirmwareService({ cacheFolder: join(folder, name), openPi });
}

const context = { signal: new AbortController().signal };

/** What one window is served with. */
async function windowOn(station: FirmwareService, chosenFolder?: string | null) {
  const services = { presets: await loadPresets(), firmware: station, images: new StationImages(station) };
  return imageHandlers(services, {
    name: 'headless',
    events: async function* () {
      // This window has no menu.
    },
    updates: null,
    show: null,
    chooseFolder: chosenFolder === undefined ? null : () => Promise.resolve(chosenFolder),
  });
}

type Window = Awaited<ReturnType<typeof windowOn>>;

async function put(seed: number): Promise<string> {
  const { record, parts } = await sample(seed);
  await firmware.cache.put(record, parts);
  return record.key;
}

/** The pieces of a bundle, as a window gets them. */
async function exported(from: Window, keys: string[] | null) {
  const pieces: Buffer[] = [];
  let start: { readonly keys: readonly string[] } | null = null as {
    readonly keys: readonly string[];
  } | null;
  for await (const event of from['bundles.export']({ keys }, context)) {
    if (event.type === 'start') start = event;
    else pieces.push(Buffer.from(event.base64, 'base64'));
  }
  return { start, pieces };
}

async function bring(to: Window, pieces: readonly Buffer[]): Promise<void> {
  let at = 0;
  for (const piece of pieces) {
    await to['bundles.put']({ at, base64: piece.toString('base64') }, context);
    at += piece.length;
  }
}

describe('a window', () => {
  it('gets all of one image: record, configuration, log, constants', async () => {
    const key = await put(1);
    const told = await (await windowOn(firmware))['images.inspect']({ key }, context);
    expect(told).toMatchObject({
      image: { record: { key }, pinned: false, held: false },
      config: 'CONFIG_SEED=1\n',
      log: '  Compiling out/src/main.o\n',
      constants: { MCU: 'stm32f446xx', CANBUS_BRIDGE: '1' },
    });
    const unknown = '0'.repeat(64);
    const handlers = await windowOn(firmware);
    expect(await codeOfRejection(() => handlers['images.inspect']({ key: unknown }, context))).toBe(
      'cache/unknown-image',
    );
  });

  it('gets the size of the cache, and of what is left after damaged images were dropped', async () => {
    const [good, bad] = [await put(1), await put(2)];
    const handlers = await windowOn(firmware);
    const before = await handlers['images.usage'](null, context);
    expect(before.images).toBe(2);
    expect(before.bytes).toBeGreaterThan(2 * 46_728);
    const { sha256 } = (await firmware.cache.readRecord(bad))!.info;
    await writeFile(join(folder, 'here/images-1/objects', sha256.slice(0, 2), sha256), 'damaged');
    expect(await handlers['images.verify'](null, context)).toMatchObject({ images: 1, damaged: [bad] });
    const left = await handlers['images.list'](null, context);
    expect(left.map(({ record }) => record.key)).toEqual([good]);
  });
});

describe('a bundle', () => {
  it('larger than one message goes from one station to another in pieces', async () => {
    // Bytes that do not pack, so that the bundle has several pieces.
    for (let seed = 1; seed <= 12; seed++) await put(seed);
    const { start, pieces } = await exported(await windowOn(firmware), null);
    expect(pieces.length).toBeGreaterThan(1);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(bundlePieceBytes);
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
    expect(start).toMatchObject({ type: 'start', bytes, images: 12 });
    expect(new Set(start?.keys).size).toBe(12);

    await using there = openFirmware('there');
    const handlers = await windowOn(there);
    await bring(handlers, pieces);
    const report = await handlers['bundles.import']({ name: 'bench.zip' }, context);
    expect(report.added).toHaveLength(12);
    expect((await there.cache.keys()).sort()).toEqual((await firmware.cache.keys()).sort());
  });

  it('of chosen images holds those only', async () => {
    const [first] = [await put(1), await put(2)];
    const { start } = await exported(await windowOn(firmware), [first]);
    expect(start).toMatchObject({ images: 1 });
  });

  it('with a piece missing is refused, and the next one begins anew', async () => {
    const key = await put(1);
    const { pieces } = await exported(await windowOn(firmware), null);
    await using there = openFirmware('there');
    const handlers = await windowOn(there);
    await bring(handlers, [Buffer.from('half of something')]);
    const gap = () => handlers['bundles.put']({ at: 99, base64: 'AAAA' }, context);
    expect(await codeOfRejection(gap)).toBe('cache/bad-bundle');
    expect(await codeOfRejection(() => handlers['bundles.import']({ name: 'x' }, context))).toBe(
      'cache/bad-bundle',
    );
    await bring(handlers, pieces);
    expect(await handlers['bundles.import']({ name: 'x' }, context)).toEqual({
      ...{ added: [key], known: [], signer: 'none' },
    });
  });

  it('is written into a folder that the person chose, where the host has a dialog', async () => {
    await put(1);
    const handlers = await windowOn(firmware, folder);
    const saved = await handlers['bundles.save']({ keys: null }, context);
    expect(saved).toMatchObject({ images: 1 });
    expect((await readFile(saved!.file)).length).toBe(saved!.bytes);
    expect(await readdir(folder)).toContainEqual(expect.stringMatching(/^canopus-images-\d{8}-\d{6}\.zip$/));
    const turnedDown = await windowOn(firmware, null);
    expect(await turnedDown['bundles.save']({ keys: null }, context)).toBeNull();
    const without = await windowOn(firmware);
    expect(await codeOfRejection(() => without['bundles.save']({ keys: null }, context))).toBe(
      'usage/invalid',
    );
  });
});

describe('an image that a person brings', () => {
  it('is inspected, marked as imported, and the same bytes twice are one', async () => {
    const handlers = await windowOn(firmware);
    const base64 = Buffer.from(makeKlipperImage()).toString('base64');
    const first = await handlers['images.import']({ name: 'klipper.bin', base64 }, context);
    const second = await handlers['images.import']({ name: 'again.bin', base64 }, context);
    expect(first.record).toMatchObject({ origin: 'imported', importedFrom: 'klipper.bin', build: null });
    expect(second.record.key).toBe(first.record.key);
    const told = await handlers['images.inspect']({ key: first.record.key }, context);
    expect(told).toMatchObject({ config: null, log: null });
  });
});
