import type { ImageView, StationHandlers, StationOutput } from '../../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../../app/errors.ts';
import { sample } from '../../../main/firmware/sample-record.ts';

/** A built Klipper image as a window gets it; another `seed` is another image. */
export async function imageView(seed: number, changes: Partial<ImageView> = {}): Promise<ImageView> {
  const { record } = await sample(seed);
  return { record, pinned: false, held: false, lastUsedAt: '2026-11-21T01:02:03.004Z', ...changes };
}

export async function inspected(
  seed: number,
  config: string | null,
): Promise<StationOutput<'images.inspect'>> {
  return { image: await imageView(seed), config, log: 'cc main.c\n', constants: { MCU: 'stm32f446xx' } };
}

/** A cache in memory, as a scripted station serves it. */
export class CacheInMemory {
  images: ImageView[];
  readonly bundle: Buffer;
  readonly put: Buffer[] = [];
  readonly exportedKeys: unknown[] = [];
  readonly #inspected: readonly StationOutput<'images.inspect'>[];

  constructor(
    images: readonly ImageView[],
    options: { inspected?: readonly StationOutput<'images.inspect'>[]; bundle?: Buffer } = {},
  ) {
    this.images = [...images];
    this.bundle = options.bundle ?? Buffer.from('PK the bundle');
    this.#inspected = options.inspected ?? [];
  }

  readonly handlers: Partial<StationHandlers> = {
    'images.list': () => Promise.resolve(this.images),
    'images.usage': () =>
      Promise.resolve({ images: this.images.length, bytes: 1_000_000, maxBytes: 512 << 20 }),
    'images.pin': ({ key, pinned }) => {
      this.images = this.images.map((each) => (each.record.key === key ? { ...each, pinned } : each));
      return Promise.resolve(null);
    },
    'images.forget': ({ key }) => {
      this.images = this.images.filter(({ record }) => record.key !== key);
      return Promise.resolve(null);
    },
    'images.verify': () => {
      const damaged = this.images.splice(0, 1).map(({ record }) => record.key);
      return Promise.resolve({ images: this.images.length, damaged, removedObjects: 0 });
    },
    'images.inspect': ({ key }) => {
      const found = this.#inspected.find(({ image }) => image.record.key === key);
      if (found) return Promise.resolve(found);
      return Promise.reject(new CanopusError('cache/unknown-image', `no image ${key} is stored`));
    },
    'images.import': async ({ name }) => {
      if (name.startsWith('bad')) throw new CanopusError('image/not-an-image', `${name} is no firmware`);
      const image = await imageView(900 + this.images.length);
      this.images = [image, ...this.images];
      return image;
    },
    'bundles.export': ({ keys }) => this.#export(keys),
    'bundles.save': ({ keys }) => {
      this.exportedKeys.push(keys);
      return Promise.resolve({ file: '/home/u/bundle.zip', bytes: 10, images: keys?.length ?? 9 });
    },
    'bundles.put': ({ at, base64 }) => {
      if (at === 0) this.put.length = 0;
      this.put.push(Buffer.from(base64, 'base64'));
      return Promise.resolve(null);
    },
    'bundles.import': () =>
      Promise.resolve({ added: ['a'.repeat(64), 'b'.repeat(64)], known: [], signer: 'none' }),
  };

  async *#export(keys: readonly string[] | null) {
    this.exportedKeys.push(keys);
    const chosen = keys ?? this.images.map(({ record }) => record.key);
    const [bytes, images] = [this.bundle.length, chosen.length];
    yield await Promise.resolve({ type: 'start', bytes, images, keys: [...chosen] } as const);
    for (let at = 0; at < this.bundle.length; at += 5) {
      yield { type: 'piece', base64: this.bundle.subarray(at, at + 5).toString('base64') } as const;
    }
  }
}
