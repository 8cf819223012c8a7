import type { ImageRecord } from '../../../app/build/image-record.ts';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import { partWords, presentImages, type ImagePart, type Images } from '../../../app/image/image-parts.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import { candidateCrystals } from '../../../app/rescue/candidates.ts';
import { isTwin, twinOrder } from '../../../app/rescue/twins.ts';
import type { CachedImage } from '../../firmware/image-cache.ts';
import { sameRecipe } from '../../firmware/known-image.ts';
import type { LoadedImage } from '../../jobs/board-images.ts';
import type { CrystalImageOptions, CrystalImages } from '../../jobs/crystal-images.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
import { sampleTwin } from './sample-twin.ts';

/** The firmware service, as far as images for other crystals need it. */
export type CrystalFirmware = Pick<FirmwareService, 'build' | 'importImage' | 'obstacleOn'> & {
  readonly cache: Pick<FirmwareService['cache'], 'list' | 'get'>;
};

export interface SupplyOrder {
  /** If the bootloader on the board stays, its crystal is the board's: only the application is needed for it. */
  readonly images: Images<LoadedImage>;
  /** The crystals of the preset's other variants. */
  readonly variantsHz: readonly number[];
  /** The board is virtual: sample images will do. */
  readonly isVirtual: boolean;
}

/**
 * The images that a search for a board's crystal can write: images of the cache that differ only in their crystal, and
 * those that can be rebuilt for another one.
 */
export async function crystalSupply(firmware: CrystalFirmware, order: SupplyOrder): Promise<CrystalImages> {
  const { variantsHz, isVirtual } = order;
  const records = (await firmware.cache.list()).map(({ record }) => record);
  const { bootloader, application } = order.images;
  const images: Images<LoadedImage> = {
    bootloader: bootloader && asRecorded(bootloader, records),
    application: application && asRecorded(application, records),
  };
  const ordered = presentImages(images);
  const [first] = ordered;
  const isLookAlike = isVirtual && (first?.record?.build ?? null) === null;
  const obstacle = isLookAlike ? null : await obstacleOf(firmware, ordered);
  const { mcu, crystalHz: chosenHz = null } = first?.info ?? {};
  const all = bootloader === null ? [] : candidateCrystals({ mcu: mcu ?? '', chosenHz, variantsHz });
  const isThere = (crystalHz: number): boolean =>
    crystalHz === chosenHz ||
    (images.bootloader !== null && hasStandIn(records, images.bootloader, crystalHz));
  return {
    crystalsHz: obstacle === null ? all : all.filter(isThere),
    obstacle,
    async get(part, crystalHz, options) {
      const image = images[part];
      if (image === null)
        throw new CanopusError('rescue/no-image', `No ${partWords[part]} is written here.`, { crystalHz });
      if (image.info.crystalHz === crystalHz) return image;
      const kept = await findStandIn(firmware, records, image, crystalHz);
      if (kept !== null) return kept;
      if (isLookAlike) return await loaded(await sampleTwin(firmware, image.info, crystalHz));
      return await build(firmware, part, image, crystalHz, options);
    },
  };
}

/** A file that is also an image of the cache can be rebuilt like that one. */
function asRecorded(image: LoadedImage, records: readonly ImageRecord[]): LoadedImage {
  if (image.record !== undefined) return image;
  const record = records.find(({ info, build }) => build !== null && info.sha256 === image.info.sha256);
  return record === undefined ? image : { ...image, record };
}

/** Reported before anything is written. */
export function noSearch(obstacle: string, { bootloader }: Images<unknown>): string {
  if (bootloader === null)
    return `Should Katapult be for another crystal, only an image of the cache can take this one's place: ${obstacle}`;
  return `Should the board stay silent, its crystal cannot be searched for: ${obstacle}`;
}

/** Does not check the source: whether it can be reached shows later. */
async function obstacleOf(firmware: CrystalFirmware, images: readonly LoadedImage[]): Promise<string | null> {
  for (const { record } of images) {
    const order = record === undefined ? null : twinOrder(record, 0);
    if (order === null) return 'the images were not built here, so they cannot be built for another crystal.';
    const obstacle = await firmware.obstacleOn(order.on);
    if (obstacle !== null) return obstacle;
  }
  return null;
}

async function findStandIn(
  firmware: CrystalFirmware,
  records: readonly ImageRecord[],
  image: LoadedImage,
  crystalHz: number,
): Promise<LoadedImage | null> {
  for (const record of records) {
    if (!isStandIn(record, image, crystalHz)) continue;
    const found = await firmware.cache.get(record.key);
    if (found !== null) return await loaded(found);
  }
  return null;
}

function hasStandIn(records: readonly ImageRecord[], image: LoadedImage, crystalHz: number): boolean {
  return records.some((record) => isStandIn(record, image, crystalHz));
}

/**
 * Built from the same content with the same recipe except for the crystal; for an image that was not built, one with
 * the same facts.
 */
function isStandIn(record: ImageRecord, image: LoadedImage, crystalHz: number): boolean {
  if (!isTwin(record.info, image.info, crystalHz)) return false;
  const build = image.record?.build ?? null;
  if (build === null) return true;
  const { target, recipe, source } = build;
  return (
    record.build?.target === target &&
    record.build.source.treeId === source.treeId &&
    sameRecipe(record.build.recipe, { ...recipe, crystalHz }, target)
  );
}

async function build(
  firmware: CrystalFirmware,
  part: ImagePart,
  { record }: LoadedImage,
  crystalHz: number,
  { signal, onEvent }: CrystalImageOptions = {},
): Promise<LoadedImage> {
  const order = record === undefined ? null : twinOrder(record, crystalHz);
  const what = `${partWords[part]} for a crystal of ${crystalHz / 1e6} MHz`;
  if (order === null)
    throw new CanopusError('rescue/no-image', `There is no ${what}, and none can be built.`, { crystalHz });
  try {
    return await loaded(await firmware.build(order, { signal, onEvent }));
  } catch (cause) {
    const error = toCanopusError(cause);
    if (error.code === 'cancelled') throw error;
    const message = `There is no ${what}: ${error.message}`;
    throw new CanopusError('rescue/no-image', message, { crystalHz, cause: error.code }, { cause });
  }
}

async function loaded({ record, bytes }: CachedImage): Promise<LoadedImage> {
  const name = record.importedFrom ?? `${record.info.kind} ${record.info.version ?? ''}`.trim();
  return { name, bytes, info: await inspectImage(bytes), record };
}
