import { findPreset, type PresetChoice } from '../../app/boards/preset.ts';
import type { Preset } from '../../app/boards/preset-schema.ts';
import { noConfirmations } from '../../app/boards/confirmations.ts';
import { cardImageProblems, requireCardWay } from '../../app/cards/card-way.ts';
import type { StationInput, StationOutput } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { CardDrives } from '../cards/card-drives.ts';
import { writeToCard } from '../cards/write-card.ts';
import type { ImageCache } from '../firmware/image-cache.ts';
import { referenceOf } from './flash-jobs.ts';
import { sampleVersion, type StationImages } from './station-images.ts';

interface CardWritingOptions {
  readonly drives: CardDrives;
  readonly presets: readonly Preset[];
  readonly cache: Pick<ImageCache, 'require'>;
  readonly images: Pick<StationImages, 'list'>;
}

/** Puts images of the station onto SD cards. */
export class CardWriting {
  readonly #options: CardWritingOptions;

  constructor(options: CardWritingOptions) {
    this.#options = options;
  }

  /** Removable drives only. Throws `card/unlisted`. */
  async list(signal?: AbortSignal): Promise<StationOutput<'cards.list'>> {
    const drives = await this.#options.drives.list(signal);
    return drives.filter(({ isRemovable }) => isRemovable);
  }

  /** See `cards.check` of the contract. Throws `card/not-for-board`. */
  async check(choice: PresetChoice): Promise<StationOutput<'cards.check'>> {
    const images = await this.#options.images.list();
    return Object.fromEntries(
      images.map(({ record }) => {
        const info = { ...record.info, dictionary: null };
        return [record.key, [...cardImageProblems(choice, info, noConfirmations)]];
      }),
    );
  }

  /** See `cards.write` of the contract. */
  async write(
    { card, board, image, confirmations = noConfirmations }: StationInput<'cards.write'>,
    signal?: AbortSignal,
  ): Promise<StationOutput<'cards.write'>> {
    const { drives, presets, cache } = this.#options;
    const { bytes } = await cache.require(image);
    const info = await inspectImage(bytes);
    const { fileName } = requireCardWay(findPreset(presets, referenceOf(board)), info, confirmations);
    const isReal = (await drives.list(signal)).some(({ id, isVirtual }) => id === card && !isVirtual);
    if (isReal && info.version === sampleVersion) {
      const message = 'A board that takes firmware from a real card is a real one.';
      throw new CanopusError('image/virtual-only', message, { card }, { state: 'untouched' });
    }
    const written = await writeToCard(drives, { card, fileName, bytes, signal });
    return { ...written, fileName, bytes: bytes.length, sha256: info.sha256 };
  }
}
