import type { ImageView } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { LoadedImage } from '../jobs/board-images.ts';

interface ShelvedImage {
  readonly view: ImageView;
  readonly loaded: LoadedImage;
}

/** Enough for every board and version of a bench; beyond it the oldest make room. */
const maxImages = 64;

/** The images that were brought into this station, by the hash of their bytes. */
export class ImageShelf {
  readonly #images = new Map<string, ShelvedImage>();
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  all(): readonly ImageView[] {
    return [...this.#images.values()].map(({ view }) => view).reverse();
  }

  /** Rejects with what `inspectImage` throws for what is no image. */
  async add(name: string, bytes: Uint8Array): Promise<ImageView> {
    const info = await inspectImage(bytes);
    const { dictionary, ...shown } = info;
    const view: ImageView = { name, source: 'imported', addedAt: this.#now().toISOString(), info: shown };
    this.#images.delete(info.sha256);
    this.#images.set(info.sha256, { view, loaded: { name, bytes, info } });
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= maxImages) break;
      this.#images.delete(oldest);
    }
    return view;
  }

  /** Throws `image/unknown` for a hash that is not here. */
  get(sha256: string): LoadedImage {
    const image = this.#images.get(sha256);
    if (image !== undefined) return image.loaded;
    throw new CanopusError('image/unknown', `The station holds no image ${sha256.slice(0, 12)}.`, { sha256 });
  }
}
