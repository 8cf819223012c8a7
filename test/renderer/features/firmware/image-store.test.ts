import { afterEach, describe, expect, it, vi } from 'vitest';
import { firstRows, ImageStore } from '../../../../renderer/features/firmware/image-store.svelte.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { CacheInMemory, imageView } from './image-samples.ts';

const stations: ScriptedStation[] = [];
afterEach(() => {
  for (const station of stations.splice(0)) station[Symbol.dispose]();
  vi.unstubAllGlobals();
});

async function storeOf(cache: CacheInMemory): Promise<ImageStore> {
  const station = new ScriptedStation(cache.handlers);
  stations.push(station);
  const store = new ImageStore(station.client);
  await store.load();
  expect(store.asking.error).toBeNull();
  return store;
}

const three = () => Promise.all([imageView(1), imageView(2), imageView(3)]);
const file = (name: string, content: string) => new File([content], name);

describe('the table of images', () => {
  it('finds images by every word of what is looked for', async () => {
    const [a, b] = await three();
    const imported = { ...b, record: { ...b.record, build: null, importedFrom: 'From-Anna.bin' } };
    const store = await storeOf(new CacheInMemory([a, imported]));
    store.query = 'klipper anna';
    expect(store.found).toHaveLength(1);
    store.query = 'stm32f446 nobody';
    expect(store.found).toEqual([]);
  });

  it('draws many rows only when all are asked for', async () => {
    const one = await imageView(1);
    const key = (index: number) => index.toString(16).padStart(64, '0');
    const many = Array.from({ length: firstRows + 20 }, (_, index) => ({
      ...one,
      record: { ...one.record, key: key(index) },
    }));
    const store = await storeOf(new CacheInMemory(many));
    expect(store.shown).toHaveLength(firstRows);
    store.showsAll = true;
    expect(store.shown).toHaveLength(firstRows + 20);
  });

  it('pins, and forgets what was chosen', async () => {
    const cache = new CacheInMemory(await three());
    const store = await storeOf(cache);
    const [first, second] = store.images.map(({ record }) => record.key);
    await store.setPinned(first!, true);
    expect(store.images[0]?.pinned).toBe(true);
    store.toggle(first!);
    store.toggle(second!);
    await store.forget(store.selected);
    expect(store.images).toHaveLength(1);
    expect(store.selected).toEqual([]);
    expect(store.outcome).toBe('2 images forgotten.');
  });

  it('says how many are intact, and that damaged ones were removed', async () => {
    const store = await storeOf(new CacheInMemory(await three()));
    await store.verify();
    expect(store.outcome).toMatch(/^2 images are intact; 1 damaged/);
    expect(store.images).toHaveLength(2);
  });

  it('chooses all that are shown, and none again', async () => {
    const store = await storeOf(new CacheInMemory(await three()));
    store.toggleAllShown();
    expect(store.selected).toHaveLength(3);
    store.toggleAllShown();
    expect(store.selected).toEqual([]);
  });
});

describe('bundles', () => {
  it('come in pieces and are handed to the browser whole', async () => {
    const blobs: Blob[] = [];
    vi.stubGlobal(
      'URL',
      Object.assign(URL, {
        createObjectURL: (blob: Blob) => `blob:${blobs.push(blob)}`,
        revokeObjectURL: vi.fn(),
      }),
    );
    const clicked = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    const cache = new CacheInMemory(await three());
    const store = await storeOf(cache);
    await store.exportBundle(false);
    expect(store.asking.error).toBeNull();
    expect(clicked).toHaveBeenCalledOnce();
    expect(blobs[0]?.size).toBe(cache.bundle.length);
    expect(store.outcome).toBe(`3 images in a bundle of ${cache.bundle.length} B.`);
    expect(store.progress).toBeNull();
    clicked.mockRestore();
  });

  it('hold what was chosen, and are written by a station that asks for a folder', async () => {
    const cache = new CacheInMemory(await three());
    const store = await storeOf(cache);
    const [key] = store.images.map(({ record }) => record.key);
    store.toggle(key!);
    await store.exportBundle(true);
    expect(cache.exportedKeys).toEqual([[key]]);
    expect(store.outcome).toBe('1 image in /home/u/bundle.zip.');
  });

  it('that are brought are cut into pieces in order; other files are images', async () => {
    const cache = new CacheInMemory([]);
    const store = await storeOf(cache);
    const content = `PK${'x'.repeat(600_000)}`;
    await store.importFiles([file('bundle.zip', content), file('klipper.bin', 'image')]);
    expect(store.asking.error).toBeNull();
    expect(cache.put.length).toBe(3);
    expect(Buffer.concat(cache.put).toString()).toBe(content);
    expect(store.outcome).toBe('3 images imported. The bundle is not signed: nothing proves who made it.');
  });

  it('and refused images are listed by name', async () => {
    const store = await storeOf(new CacheInMemory([]));
    await store.importFiles([file('bad.bin', 'text')]);
    expect(store.asking.error).toMatchObject({ code: 'image/not-an-image' });
    expect(store.outcome).toBeNull();
  });
});
