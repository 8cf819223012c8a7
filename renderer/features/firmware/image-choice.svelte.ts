import { isDoubt } from '../../../app/image/image-problem.ts';
import {
  imageParts,
  partOf,
  presentImages,
  type ByPart,
  type ImagePart,
} from '../../../app/image/image-parts.ts';
import type { ImageView, StationClient, StationOutput } from '../../../app/contract/station-contract.ts';
import { Asking } from '../../station/asking.svelte.ts';
import type { BoardChoice } from '../picker/picker.svelte.ts';
import { bringBundle, isBundle } from './bundle-transfer.ts';
import { readBase64 } from '../../ui/read-file.ts';

type Problems = StationOutput<'images.check'>;

/** The images available for a board, and which of them to write. */
export class ImageChoice {
  images: readonly ImageView[] = $state.raw([]);
  problems: Problems = $state.raw({});
  isKnown = $state(false);
  readonly chosen: Record<ImagePart, string | null> = $state({ bootloader: null, application: null });
  readonly asking = new Asking();
  readonly #client: StationClient;
  readonly #board: BoardChoice;

  constructor(client: StationClient, board: BoardChoice) {
    this.#client = client;
    this.#board = { presetId: board.presetId, variantId: board.variantId };
  }

  /** Images without contradictions, last used first; doubtful ones need an answer before they are written. */
  fitting(part: ImagePart): readonly ImageView[] {
    return this.images.filter(
      ({ record }) => partOf(record.info.kind) === part && this.problems[record.key]?.every(isDoubt) === true,
    );
  }

  get refused(): readonly ImageView[] {
    return this.images.filter(({ record }) => this.problems[record.key]?.every(isDoubt) === false);
  }

  isDoubtful(key: string): boolean {
    return this.problems[key]?.some(isDoubt) === true;
  }

  /** Both, or null while one is missing. */
  get pair(): ByPart<string> | null {
    const { bootloader, application } = this.chosen;
    return bootloader === null || application === null ? null : { bootloader, application };
  }

  async load(): Promise<void> {
    await this.asking.run(async () => {
      [this.images, this.problems] = await Promise.all([
        this.#client.call('images.list', null),
        this.#client.call('images.check', this.#board),
      ]);
      this.isKnown = true;
      for (const part of imageParts) this.#keepOrTakeNewest(part);
    });
  }

  /** Imports images and bundles of them; those that fit are chosen. */
  async importFiles(files: Iterable<File>): Promise<void> {
    const brought = await this.asking.run(async () => {
      const keys: string[] = [];
      for (const file of files) {
        if (await isBundle(file)) {
          const { added, known } = await bringBundle(this.#client, file, () => undefined);
          keys.push(...added, ...known);
        } else {
          const base64 = await readBase64(file);
          const { record } = await this.#client.call('images.import', { name: file.name, base64 });
          keys.push(record.key);
        }
      }
      return keys;
    });
    await this.#reload();
    for (const key of brought ?? []) this.choose(key);
  }

  /** Sample images for virtual boards. */
  async addSamples(): Promise<void> {
    const pair = await this.asking.run(() => this.#client.call('images.sample', this.#board));
    await this.#reload();
    if (pair !== null) for (const key of presentImages(pair)) this.choose(key);
  }

  /** Chooses an image, if it fits. */
  choose(key: string): void {
    for (const part of imageParts) {
      if (this.fitting(part).some(({ record }) => record.key === key)) this.chosen[part] = key;
    }
  }

  /** Like `load`, but keeps a failure that is shown. */
  async #reload(): Promise<void> {
    const { error } = this.asking;
    await this.load();
    this.asking.error ??= error;
  }

  #keepOrTakeNewest(part: ImagePart): void {
    const fitting = this.fitting(part);
    const isThere = fitting.some(({ record }) => record.key === this.chosen[part]);
    // A person must choose doubtful images.
    const newest = fitting.find(({ record }) => !this.isDoubtful(record.key));
    if (!isThere) this.chosen[part] = newest?.record.key ?? null;
  }
}
