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

export interface FlashImages {
  readonly katapult: LoadedImage;
  readonly klipper: LoadedImage;
  /** To be called when both are on a board: what came from the cache stays there from now on. Never rejects. */
  readonly noteOnBoard: (uid: string) => Promise<void>;
}

/** The images that `canopus flash` was asked to write: from files, from the cache, or built now. */
export async function imagesForFlash(io: CliIo, options: ImageArguments): Promise<FlashImages> {
  const isFile = (text: string) => !/^(?:build(?:$|:)|cache:)/.test(text);
  if (isFile(options.katapult) && isFile(options.klipper)) {
    const [katapult, klipper] = [await loadImage(options.katapult), await loadImage(options.klipper)];
    return { katapult, klipper, noteOnBoard: () => Promise.resolve() };
  }
  const cached: string[] = [];
  const load = async (firmware: FirmwareService, target: FirmwareTarget): Promise<LoadedImage> => {
    const text = options[target];
    if (isFile(text)) return loadImage(text);
    const { record, bytes } = await fromCache(io, firmware, target, options);
    cached.push(record.info.sha256);
    return { name: `${target} ${record.key.slice(0, 12)}`, bytes, info: await inspectImage(bytes), record };
  };
  const [katapult, klipper] = await withFirmware(io, options, async (firmware) => {
    const works = [load(firmware, 'katapult'), load(firmware, 'klipper')] as const;
    // One that failed must not leave the other one running.
    await Promise.allSettled(works);
    return Promise.all(works);
  });
  return {
    katapult,
    klipper,
    noteOnBoard: async (uid) => {
      try {
        await withFirmware(io, options, async ({ cache }) => {
          for (const sha256 of cached) await cache.noteOnBoard(sha256, uid);
        });
      } catch (error) {
        // The board is done; that its images may be pruned one day is no reason to call it failed.
        const { message } = toCanopusError(error);
        const text = `The cache could not note the board: ${message}`;
        io.emit({ type: 'note', text }, () => text);
      }
    },
  };
}

async function fromCache(
  io: CliIo,
  firmware: FirmwareService,
  target: FirmwareTarget,
  options: ImageArguments,
): Promise<CachedImage> {
  const text = options[target];
  if (text.startsWith('cache:')) {
    const { wholeKey } = await import('./cache-command.ts');
    return firmware.cache.require(await wholeKey(firmware.cache, text.slice('cache:'.length)));
  }
  const { buildOne, recipeFromOptions } = await import('./build-images.ts');
  return buildOne(io, firmware, {
    target,
    board: await recipeFromOptions(io, options.preset, options),
    source: text === 'build' ? null : parseFirmwareSource(text.slice('build:'.length)),
    wishes: options,
    verbose: false,
  });
}
