import { recipeForBoard, requireConfirmed, type BoardRecipe } from '../../../app/build/board-recipe.ts';
import type { BuildEvent } from '../../../app/build/build-event.ts';
import type { FirmwareSource } from '../../../app/build/firmware-source.ts';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import { isCanopusError } from '../../../app/errors.ts';
import type { FirmwareService } from '../../firmware/firmware-service.ts';
import type { CachedImage } from '../../firmware/image-cache.ts';
import { loadPresets } from '../../presets.ts';
import type { CliIo } from './context.ts';
import type { WishOptions } from './firmware-options.ts';

/** Where the two firmwares are developed; what a source is when nobody named one and no Pi is asked. */
export const officialSources: Readonly<Record<FirmwareTarget, FirmwareSource>> = {
  klipper: { type: 'git', url: 'https://github.com/Klipper3d/klipper', ref: 'master' },
  katapult: { type: 'git', url: 'https://github.com/Arksine/katapult', ref: 'master' },
};

/** The recipe for a preset and what the command line wants otherwise. Prints notes; throws `recipe/…`, `preset/…`. */
export async function recipeFromOptions(
  io: CliIo,
  preset: string,
  wishes: WishOptions,
): Promise<BoardRecipe> {
  const extra = { katapult: {}, klipper: {} } as Record<FirmwareTarget, Record<string, string>>;
  for (const { target, symbol, value } of wishes.set ?? []) extra[target][symbol] = value;
  const board = recipeForBoard(findPreset(await loadPresets(), preset), {
    bitrateBps: wishes.bitrate ?? null,
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

/**
 * Builds one image for a recipe, showing what happens. Where no source was named: what the Pi runs if that is where
 * the build is, else the newest official one.
 */
export async function buildOne(
  io: CliIo,
  firmware: FirmwareService,
  order: {
    readonly target: FirmwareTarget;
    readonly board: BoardRecipe;
    readonly source: FirmwareSource | null;
    readonly wishes: WishOptions;
    readonly verbose: boolean;
  },
): Promise<CachedImage> {
  const { target, board, source, wishes } = order;
  const request = {
    target,
    recipe: board.recipe,
    presetId: board.presetId,
    on: wishes.on,
    whilePrinting: wishes.whilePrinting === true,
  };
  const onEvent = (event: BuildEvent) => io.emit(event, (each) => describeEvent(each, order.verbose));
  const build = (from: FirmwareSource) =>
    firmware.build({ ...request, source: from }, { signal: io.signal, onEvent });
  if (source !== null) return build(source);
  if (!wishes.on.startsWith('pi:')) return build(officialSources[target]);
  try {
    return await build({ type: 'pi', host: wishes.on.slice(3) });
  } catch (error) {
    // A Pi has Klipper; Katapult's source only where somebody put it.
    if (!isCanopusError(error, 'source/not-on-pi')) throw error;
    return build(officialSources[target]);
  }
}

const phaseWords = {
  source: 'looking at the source',
  toolchain: 'looking for the tools',
  configure: 'configuring',
  wait: 'waiting for the same build elsewhere',
  compile: 'compiling',
  inspect: 'inspecting the image',
  store: 'storing the image',
} as const;

function describeEvent(event: BuildEvent, verbose: boolean): string | null {
  switch (event.type) {
    case 'phase':
      return `${event.target}: ${phaseWords[event.phase]}`;
    case 'note':
      return `${event.target}: ${event.text}`;
    case 'cached':
      return `${event.target}: built before, taken from the cache`;
    case 'log':
      return verbose || event.level !== 'plain' ? `${event.target} | ${event.text}` : null;
  }
}
