import { basename } from 'node:path';
import { firmwareOf } from '../../../app/build/recipe.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { imageParts, type ImagePart, type Images } from '../../../app/image/image-parts.ts';
import { loadImage, type LoadedImage } from '../../jobs/board-images.ts';
import { buildImages, recipeFromOptions } from './build-images.ts';
import { wholeKey } from './cache-command.ts';
import type { CliIo } from './context.ts';
import type { FirmwareOptions, WishOptions } from './firmware-options.ts';
import { withPis } from './reach-pi.ts';

export interface ImageArguments extends FirmwareOptions, WishOptions {
  readonly preset: string;
}

const isBuild = (text: string): boolean => text === 'build' || text.startsWith('build:');
const sourceOf = (text: string | null): string | null =>
  text?.startsWith('build:') === true ? text.slice('build:'.length) : null;

/**
 * The images that a command was asked for, in the station's cache: a file, `cache:KEY`, `build` or `build:SOURCE`. All
 * that is not built is looked at before anything is.
 */
export async function imagesForFlash(
  io: CliIo,
  client: StationClient,
  options: ImageArguments,
  texts: Images<string>,
): Promise<Images<string>> {
  const keys: Record<ImagePart, string | null> = { bootloader: null, application: null };
  const files = new Map<ImagePart, LoadedImage>();
  for (const part of imageParts) {
    const text = texts[part];
    if (text === null || isBuild(text)) continue;
    if (text.startsWith('cache:')) keys[part] = await wholeKey(client, text.slice('cache:'.length));
    else files.set(part, await loadImage(text));
  }
  for (const [part, image] of files) keys[part] = await importImage(client, image);
  const parts = imageParts.filter((part) => isBuild(texts[part] ?? ''));
  if (parts.length === 0) return keys;
  await recipeFromOptions(io, options.preset, options, client);
  const sources = { [firmwareOf.bootloader]: null, [firmwareOf.application]: null } as Record<
    'katapult' | 'klipper',
    string | null
  >;
  for (const part of imageParts) sources[firmwareOf[part]] = sourceOf(texts[part]);
  const wanted = { preset: options.preset, sources, parts, verbose: false };
  const built = await withPis(io, client, options, [options.on, ...Object.values(sources)], () =>
    buildImages(io, client, wanted, options),
  );
  for (const part of parts) keys[part] = built[part];
  return keys;
}

/** The key under which the station's cache has an image file from now on. Throws `image/…`. */
export async function importFile(client: StationClient, file: string): Promise<string> {
  return await importImage(client, await loadImage(file));
}

async function importImage(client: StationClient, { name, bytes }: LoadedImage): Promise<string> {
  const base64 = Buffer.from(bytes).toString('base64');
  const { record } = await client.call('images.import', { name: basename(name), base64 });
  return record.key;
}
