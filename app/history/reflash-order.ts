import { firmwareOf, type Recipe } from '../build/recipe.ts';
import { presentImages, type Images, type RunnableImages } from '../image/image-parts.ts';
import type { RunImage } from './run-record.ts';

/** How to flash exactly the same on a board again. */
interface ReflashOrder {
  /** Command lines in order; PORT stands for a port to fill in. */
  readonly commands: readonly string[];
  /** The obstacles, in words; empty if there are none. */
  readonly obstacles: readonly string[];
  /** Keys of the exact images if the cache has both; null if something must be built or is lost. */
  readonly images: RunnableImages<string> | null;
}

export interface ReflashFacts {
  readonly presetId: string | null;
  readonly variantId: string | null;
  /** What is on the board. */
  readonly images: Images<RunImage>;
  /** Keys that the cache has now. */
  readonly cached: ReadonlySet<string>;
}

/**
 * The order to flash exactly the same again: the exact images if the cache still has them, or else their build from the
 * same commit with the same recipe.
 */
export function reflashOrder(facts: ReflashFacts): ReflashOrder {
  const { presetId, variantId } = facts;
  const { bootloader, application } = facts.images;
  const obstacles: string[] = [];
  if (presetId === null) obstacles.push('It is not on record which board this is.');
  if (application === null) obstacles.push('No Klipper of this board is on record.');
  if (presetId === null || application === null)
    return { commands: [], obstacles, images: cachedPair(facts) };
  const preset = variantId === null ? presetId : `${presetId}:${variantId}`;
  const commands: string[] = [];
  const from = (image: RunImage): string => {
    if (image.key !== null && facts.cached.has(image.key)) return `cache:${image.key.slice(0, 12)}`;
    const source = sourceOf(image);
    if (source !== null) return `build:${source}`;
    obstacles.push(`${image.name} is no longer in the cache, and its source is no longer available.`);
    return image.name;
  };
  const images = presentImages(facts.images);
  const named = images.map((image) => `--${firmwareOf[image.part]} ${quoted(from(image))}`);
  const wishes = images.some((image) => from(image).startsWith('build:')) ? wishesOf(application) : '';
  if (bootloader === null) obstacles.push('Katapult was kept: it is not on record, and need not be written.');
  commands.push(
    `canopus flash --port PORT --preset ${preset} ${[...named, wishes].filter(Boolean).join(' ')}`,
  );
  return { commands, obstacles: [...new Set(obstacles)], images: cachedPair(facts) };
}

function cachedPair({ images, cached }: ReflashFacts): ReflashOrder['images'] {
  const [bootloader, application] = [images.bootloader?.key ?? null, images.application?.key ?? null];
  if (bootloader === null || application === null || !cached.has(bootloader) || !cached.has(application))
    return null;
  return { bootloader, application };
}

/** Where an image can be built from again, `URL@COMMIT`; null for a changed or an unnamed tree. */
function sourceOf({ build }: RunImage): string | null {
  if (build === null || build.source.dirty || build.source.commit === null) return null;
  const { location, commit } = build.source;
  return /^(?:https?|ssh|git|file):\/\/|^[\w.-]+@[\w.-]+:/.test(location) ? `${location}@${commit}` : null;
}

/** The recipe as command-line options; with `--confirm`, as it was confirmed before. */
function wishesOf({ build }: RunImage): string {
  if (build === null) return '';
  const { crystalHz, canPins, bitrateBps, applicationOffset, extra }: Recipe = build.recipe;
  const symbols = Object.entries(extra).flatMap(([target, values]) =>
    Object.entries(values).map(([symbol, value]) => `--set ${quoted(`${target}:${symbol}=${value}`)}`),
  );
  return [
    `--crystal ${crystalHz / 1e6}`,
    ...(canPins === null ? [] : [`--can-pins ${canPins.join('/')} --bitrate ${bitrateBps}`]),
    `--offset ${applicationOffset / 1024}`,
    ...symbols,
    '--confirm',
  ].join(' ');
}

function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
