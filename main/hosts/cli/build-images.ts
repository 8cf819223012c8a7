import { recipeForBoard, requireConfirmed, type BoardRecipe } from '../../../app/build/board-recipe.ts';
import type { BuildEvent } from '../../../app/build/build-event.ts';
import { buildPhaseWords } from '../../../app/words.ts';
import type { FirmwareSource } from '../../../app/build/firmware-source.ts';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
import type { CachedImage } from '../../firmware/image-cache.ts';
import { loadPresets } from '../../presets.ts';
import type { CliIo } from './context.ts';
import { keptBus } from './kept-settings.ts';
import type { FirmwareOptions, WishOptions } from './firmware-options.ts';

/** The official sources of both firmwares; the default if no source is named and no Pi is asked. */
const officialSources: Readonly<Record<FirmwareTarget, FirmwareSource>> = {
  klipper: { type: 'git', url: 'https://github.com/Klipper3d/klipper', ref: 'master' },
  katapult: { type: 'git', url: 'https://github.com/Arksine/katapult', ref: 'master' },
};

/** The recipe for a preset and the changes on the command line. Prints notes; throws `recipe/…`, `preset/…`. */
export async function recipeFromOptions(
  io: CliIo,
  preset: string,
  wishes: WishOptions & Pick<FirmwareOptions, 'data'>,
): Promise<BoardRecipe> {
  const extra = { katapult: {}, klipper: {} } as Record<FirmwareTarget, Record<string, string>>;
  for (const { target, symbol, value } of wishes.set ?? []) extra[target][symbol] = value;
  const board = recipeForBoard(findPreset(await loadPresets(), preset), {
    bitrateBps: wishes.bitrate ?? (await keptBus(wishes.data)).bitrateBps,
    canPins: wishes.canPins ?? null,
    crystalHz: wishes.crystal === undefined ? null : wishes.crystal * 1_000_000,
    applicationOffset: wishes.offset === undefined ? null : wishes.offset * 1024,
    extra,
  });
  requireConfirmed(board, wishes.confirm === true);
  for (const text of [...board.notes, ...board.doubts.map((doubt) => doubt.text)]) {
    io.emit({ type: 'note', text }, () => `Note: ${text}`);
  }
  return board;
}

/** One image that a command wants. */
interface ImageOrder {
  readonly target: FirmwareTarget;
  readonly board: BoardRecipe;
  /** Null: what the Pi runs if the build is there, otherwise the newest official one. */
  readonly source: FirmwareSource | null;
  readonly wishes: WishOptions;
  readonly verbose: boolean;
}

/**
 * Builds images for recipes, showing the progress. Every one is configured before any is compiled, so that a choice
 * that one source lacks is refused first. Waits for all, so that no build is left running, then throws the first error.
 */
export async function buildAll(
  io: CliIo,
  firmware: FirmwareService,
  orders: readonly ImageOrder[],
): Promise<CachedImage[]> {
  const works = await allOrFirstError(orders.map((order) => prepareBuild(io, firmware, order)));
  return allOrFirstError(works.map((build) => build()));
}

/** Waits for all, then throws the first error if there is one. */
async function allOrFirstError<T>(works: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/**
 * Checks one order against its source, without compiling, and returns what builds it. Throws what
 * `FirmwareBuilder.check` throws.
 */
export async function prepareBuild(
  io: CliIo,
  firmware: FirmwareService,
  { target, board, source, wishes, verbose }: ImageOrder,
): Promise<() => Promise<CachedImage>> {
  const options = {
    signal: io.signal,
    onEvent: (event: BuildEvent) => io.emit(event, (each) => describeEvent(each, verbose)),
  };
  const checked = async (from: FirmwareSource) => {
    const request = {
      target,
      recipe: board.recipe,
      presetId: board.presetId,
      source: from,
      on: wishes.on,
      whilePrinting: wishes.whilePrinting === true,
    };
    await firmware.checkAll([request], options);
    return () => firmware.build(request, options);
  };
  if (source !== null) return checked(source);
  if (!wishes.on.startsWith('pi:')) return checked(officialSources[target]);
  try {
    return await checked({ type: 'pi', host: wishes.on.slice(3) });
  } catch (error) {
    // A Pi has Klipper; it has Katapult's source only if its owner put it there.
    if (!isCanopusError(error, 'source/not-on-pi')) throw error;
    return checked(officialSources[target]);
  }
}

function describeEvent(event: BuildEvent, verbose: boolean): string | null {
  switch (event.type) {
    case 'phase':
      return `${event.target}: ${buildPhaseWords[event.phase]}`;
    case 'note':
      return `${event.target}: ${event.text}`;
    case 'cached':
      return `${event.target}: built before, taken from the cache`;
    case 'log':
      return verbose || event.level !== 'plain' ? `${event.target} | ${event.text}` : null;
  }
}
