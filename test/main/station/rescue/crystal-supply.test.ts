import { describe, expect, it } from 'vitest';
import type { ImageRecord } from '../../../../app/build/image-record.ts';
import { inspectImage } from '../../../../app/image/inspect-image.ts';
import type { BuildRequest } from '../../../../main/firmware/build-request.ts';
import type { LoadedImage } from '../../../../main/jobs/board-images.ts';
import { makeKatapultImage, makeKlipperImage } from '../../../../main/sim/sample-images.ts';
import { crystalSupply, type CrystalFirmware } from '../../../../main/station/rescue/crystal-supply.ts';
import { ImagesInMemory } from '../bench-rig.ts';

const commit = '902f335de7b0edae5b8e5d3b16ebd3ad0a0c8a2b';

/** What a computer has: images in its cache, and perhaps a compiler. */
class Computer {
  readonly cache = new ImagesInMemory();
  readonly built: BuildRequest[] = [];
  obstacle: string | null = null;

  get firmware(): CrystalFirmware {
    return {
      cache: this.cache,
      build: (request) => {
        this.built.push(request);
        const { mcu, crystalHz } = request.recipe;
        if (mcu !== 'stm32f446xx') throw new Error('only F446 is built here');
        const make = request.target === 'katapult' ? makeKatapultImage : makeKlipperImage;
        return this.cache.importImage(make({ mcu, crystalHz }));
      },
      importImage: (bytes) => this.cache.importImage(bytes),
      obstacleOn: () => Promise.resolve(this.obstacle),
    };
  }

  /** An image of the cache, imported or built from a branch that has gone on since. */
  async image(bytes: Uint8Array, isBuilt: boolean): Promise<LoadedImage> {
    const { record } = await this.cache.importImage(bytes);
    const info = await inspectImage(bytes);
    return { name: 'image', bytes, info, record: isBuilt ? builtFrom(record) : record };
  }

  async order(crystalHz = 12_000_000, isBuilt = true, isVirtual = false) {
    return {
      images: {
        bootloader: await this.image(makeKatapultImage({ crystalHz }), isBuilt),
        application: await this.image(makeKlipperImage({ crystalHz }), isBuilt),
      },
      variantsHz: [12_000_000, 8_000_000],
      isVirtual,
    };
  }
}

function builtFrom(record: ImageRecord): ImageRecord {
  const target = record.info.kind === 'katapult' ? 'katapult' : 'klipper';
  return {
    ...record,
    origin: 'built',
    build: {
      target,
      recipe: {
        mcu: 'stm32f446xx',
        crystalHz: record.info.crystalHz ?? 0,
        applicationOffset: 0x8000,
        role: 'bridge',
        canPins: ['PD0', 'PD1'],
        bitrateBps: 1_000_000,
        extra: { katapult: {}, klipper: { INITIAL_PINS: '"PA1"' } },
      },
      source: {
        location: 'https://example.org/firmware',
        ref: 'master',
        commit,
        treeId: 'a tree',
        version: record.info.version ?? '',
        dirty: false,
      },
      toolchain: { identity: 'gcc', tools: [] },
      config: '0'.repeat(64),
      log: '0'.repeat(64),
      machine: 'this computer',
      host: 'bench',
      station: '0.1.0',
      durationMs: 1,
      order: { source: 'https://example.org/firmware@master', on: 'local' },
    },
  };
}

const mhz = (crystalsHz: readonly number[]): number[] => crystalsHz.map((hz) => hz / 1e6);

describe('what a search for a crystal can write', () => {
  it('is built from the same commit with the same recipe but for the crystal, where there is a compiler', async () => {
    const computer = new Computer();
    const supply = await crystalSupply(computer.firmware, await computer.order());
    expect(supply.obstacle).toBeNull();
    expect(mhz(supply.crystalsHz)).toEqual([12, 8, 16, 20]);
    expect((await supply.get('application', 8_000_000)).info.crystalHz).toBe(8_000_000);
    expect(computer.built).toMatchObject([
      {
        target: 'klipper',
        recipe: { crystalHz: 8_000_000, extra: { klipper: { INITIAL_PINS: '"PA1"' } } },
        source: { type: 'git', url: 'https://example.org/firmware', ref: commit },
        on: 'local',
      },
    ]);
  });

  it('is built for a file, too, that is an image of the cache by its content', async () => {
    const computer = new Computer();
    const order = await computer.order();
    const { bootloader, application } = order.images;
    const records = [bootloader.record, application.record].filter((each) => each !== undefined);
    const cache: CrystalFirmware['cache'] = {
      get: (key) => computer.cache.get(key),
      list: async () => {
        const kept = await computer.cache.list();
        return kept.map((image) => ({
          ...image,
          record: records.find(({ key }) => key === image.record.key) ?? image.record,
        }));
      },
    };
    const file = ({ name, bytes, info }: LoadedImage): LoadedImage => ({ name, bytes, info });
    const files = { ...order, images: { bootloader: file(bootloader), application: file(application) } };
    const supply = await crystalSupply({ ...computer.firmware, cache }, files);
    expect(supply.obstacle).toBeNull();
    await supply.get('application', 8_000_000);
    expect(computer.built).toMatchObject([{ target: 'klipper', source: { ref: commit } }]);
  });

  it('is Klipper alone where the Katapult on the board stays', async () => {
    const computer = new Computer();
    const both = await computer.order();
    const order = { ...both, images: { ...both.images, bootloader: null } };
    const supply = await crystalSupply(computer.firmware, order);
    expect([supply.crystalsHz, supply.obstacle]).toEqual([[], null]);
    expect((await supply.get('application', 8_000_000)).info.crystalHz).toBe(8_000_000);
    await expect(supply.get('bootloader', 8_000_000)).rejects.toMatchObject({ code: 'rescue/no-image' });
  });

  it('is the image of the order where that is for the crystal already', async () => {
    const computer = new Computer();
    const order = await computer.order();
    const supply = await crystalSupply(computer.firmware, order);
    expect(await supply.get('bootloader', 12_000_000)).toBe(order.images.bootloader);
    expect(computer.built).toEqual([]);
  });

  it('is what the cache has, and nothing else, where nothing can be built; and why is said', async () => {
    const computer = new Computer();
    computer.obstacle = 'this computer has no make.';
    await computer.cache.add(makeKatapultImage({ crystalHz: 16_000_000, version: 'v0.0.1-50-gother' }));
    const order = await computer.order(12_000_000, false);
    const supply = await crystalSupply(computer.firmware, order);
    expect(mhz(supply.crystalsHz)).toEqual([12, 16]);
    expect(supply.obstacle).toMatch(/not built here/);
    expect((await supply.get('bootloader', 16_000_000)).info.crystalHz).toBe(16_000_000);
    await expect(supply.get('application', 16_000_000)).rejects.toMatchObject({ code: 'rescue/no-image' });
    const built = await crystalSupply(computer.firmware, await computer.order());
    expect(built.obstacle).toBe('this computer has no make.');
  });

  it('is not a Katapult for CAN, which never shows on USB, nor one for another place or chip', async () => {
    const computer = new Computer();
    const { cache } = computer;
    const { record, bytes } = await cache.importImage(makeKatapultImage({ crystalHz: 16_000_000 }));
    cache.put({ record: { ...record, info: { ...record.info, usb: false } }, bytes });
    await cache.add(makeKatapultImage({ crystalHz: 20_000_000, launchAddress: 0x08004000 }));
    await cache.add(makeKatapultImage({ crystalHz: 8_000_000, mcu: 'stm32f407xx' }));
    const supply = await crystalSupply(computer.firmware, await computer.order(12_000_000, false));
    expect(mhz(supply.crystalsHz)).toEqual([12]);
  });

  it('is look-alikes for a virtual board', async () => {
    const computer = new Computer();
    const supply = await crystalSupply(computer.firmware, await computer.order(12_000_000, false, true));
    expect(supply.obstacle).toBeNull();
    expect(mhz(supply.crystalsHz)).toEqual([12, 8, 16, 20]);
    const klipper = await supply.get('application', 20_000_000);
    expect(klipper.info).toMatchObject({ crystalHz: 20_000_000, can: { role: 'bridge' } });
    expect(await computer.cache.readRecord(klipper.record!.key)).not.toBeNull();
  });
});
