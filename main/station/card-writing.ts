import { findPreset, type PresetChoice } from '../../app/boards/preset.ts';
import type { Preset } from '../../app/boards/preset-schema.ts';
import { noConfirmations } from '../../app/boards/confirmations.ts';
import { cardImageProblems, requireCardWay } from '../../app/cards/card-way.ts';
import { katapultAsUf2 } from '../../app/cards/uf2-drive.ts';
import type { StationInput, StationOutput } from '../../app/contract/station-contract.ts';
import { CanopusError } from '../../app/errors.ts';
import { inspectImage } from '../../app/image/inspect-image.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { CardDrives } from '../cards/card-drives.ts';
import { listUf2Drives, uf2ChipOf, writeUf2Drive } from '../cards/uf2-drives.ts';
import { writeToCard } from '../cards/write-card.ts';
import type { ImageCache } from '../firmware/image-cache.ts';
import { referenceOf } from './flash-jobs.ts';
import { sampleVersion, type StationImages } from './station-images.ts';

interface CardWritingOptions {
  readonly drives: CardDrives;
  readonly presets: readonly Preset[];
  readonly cache: Pick<ImageCache, 'require'>;
  readonly images: Pick<StationImages, 'list'>;
  readonly clock: Clock;
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
    const removable = drives.filter(({ isRemovable }) => isRemovable);
    const chips = await Promise.all(removable.map(uf2ChipOf));
    return removable.filter((_, index) => chips[index] === null);
  }

  /** See `cards.writeUf2` of the contract. */
  async writeUf2(
    { image, drive: path }: StationInput<'cards.writeUf2'>,
    signal?: AbortSignal,
  ): Promise<StationOutput<'cards.writeUf2'>> {
    const { drives, cache, clock } = this.#options;
    const { bytes } = await cache.require(image);
    const found = await listUf2Drives(drives, signal);
    const [first, ...others] = found.filter(({ drive }) => path === null || drive.path === path);
    if (first === undefined) {
      const message = 'No boot ROM of an RP2040 or RP2350 offers its drive.';
      throw new CanopusError('uf2/no-drive', message, {}, { state: 'untouched' });
    }
    if (others.length > 0) {
      const paths = [first, ...others].map(({ drive }) => drive.path);
      const message = `${paths.length} boot ROMs offer their drives: ${paths.join(', ')}.`;
      throw new CanopusError('uf2/several-drives', message, { paths }, { state: 'untouched' });
    }
    const { drive, mcu } = first;
    const info = await inspectImage(bytes);
    if (info.version === sampleVersion && !drive.isVirtual) {
      const message = `The board with the drive ${drive.path} is a real one.`;
      throw new CanopusError('image/virtual-only', message, { path: drive.path }, { state: 'untouched' });
    }
    const file = katapultAsUf2(bytes, info, mcu);
    await writeUf2Drive(drives, { drive, bytes: file, clock, signal });
    return { path: drive.path, mcu, bytes: bytes.length };
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
