import { parseFirmwareSource } from '../../../app/build/firmware-source.ts';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import { toCanopusError } from '../../../app/errors.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
import type { CachedImage } from '../../firmware/image-cache.ts';
import { loadImage, type LoadedImage } from '../../jobs/board-images.ts';
import { inspectImage } from '../../../app/image/inspect-image.ts';
import type { CliIo } from './context.ts';
import { withFirmware, type FirmwareOptions, type WishOptions } from './firmware-options.ts';

export interface ImageArguments extends FirmwareOptions, WishOptions {
  readonly preset: string;
  /** A file, `build`, `build:SOURCE` or `cache:KEY`. */
  readonly katapult: string;
  readonly klipper: string;
}

interface FlashImages {
  readonly bootloader: LoadedImage;
  readonly application: LoadedImage;
  /** Call it when both are on a board: images from the cache stay there from now on. Never throws. */
  readonly noteOnBoard: (uid: string) => Promise<void>;
}

/** The images that `canopus flash` should write: from files, from the cache, or built now. */
export async function imagesForFlash(io: CliIo, options: ImageArguments): Promise<FlashImages> {
  const isFile = (text: string) => !/^(?:build(?:$|:)|cache:)/.test(text);
  if (isFile(options.katapult) && isFile(options.klipper)) {
    const [bootloader, application] = [await loadImage(options.katapult), await loadImage(options.klipper)];
    return { bootloader, application, noteOnBoard: () => Promise.resolve() };
  }
  const cached: string[] = [];
  const [bootloader, application] = await withFirmware(io, options, async (firmware) => {
    const prepare = async (target: FirmwareTarget): Promise<() => Promise<LoadedImage>> => {
      const text = options[target];
      if (isFile(text)) {
        const image = await loadImage(text);
        return () => Promise.resolve(image);
      }
      const get = await prepareStored(io, firmware, target, options);
      return async () => {
        const { record, bytes } = await get();
        cached.push(record.info.sha256);
        const name = `${target} ${record.key.slice(0, 12)}`;
        return { name, bytes, info: await inspectImage(bytes), record };
      };
    };
    // If one fails, the other must not keep running.
    const prepared = [prepare('katapult'), prepare('klipper')] as const;
    await Promise.allSettled(prepared);
    const [katapultReady, klipperReady] = await Promise.all(prepared);
    const works = [katapultReady(), klipperReady()] as const;
    await Promise.allSettled(works);
    return Promise.all(works);
  });
  return {
    bootloader,
    application,
    noteOnBoard: async (uid) => {
      try {
        await withFirmware(io, options, async ({ cache }) => {
          for (const sha256 of cached) await cache.noteOnBoard(sha256, uid);
        });
      } catch (error) {
        // The board is done; that its images may be pruned one day is no reason to report a failure.
        const { message } = toCanopusError(error);
        const text = `The cache could not note the board: ${message}`;
        io.emit({ type: 'note', text }, () => text);
      }
    },
  };
}

/** From the cache, or checked against its source, so that nothing is compiled that the other one contradicts. */
async function prepareStored(
  io: CliIo,
  firmware: FirmwareService,
  target: FirmwareTarget,
  options: ImageArguments,
): Promise<() => Promise<CachedImage>> {
  const text = options[target];
  if (text.startsWith('cache:')) {
    const { StationImages } = await import('../../station/station-images.ts');
    const { key } = await new StationImages(firmware).find(text.slice('cache:'.length));
    const image = await firmware.cache.require(key);
    return () => Promise.resolve(image);
  }
  const { prepareBuild, recipeFromOptions } = await import('./build-images.ts');
  return prepareBuild(io, firmware, {
    target,
    board: await recipeFromOptions(io, options.preset, options),
    source: text === 'build' ? null : parseFirmwareSource(text.slice('build:'.length)),
    wishes: options,
    verbose: false,
  });
}
