import { recipeForBoard, requireConfirmed, type BoardRecipe } from '../../../app/build/board-recipe.ts';
import type { FirmwareTarget } from '../../../app/build/recipe.ts';
import { findPreset, type PresetChoice } from '../../../app/boards/preset.ts';
import type { StationClient, StationInput } from '../../../app/contract/station-contract.ts';
import type { ImagePart, Images } from '../../../app/image/image-parts.ts';
import { buildPhaseWords } from '../../../app/words.ts';
import type { CliIo } from './context.ts';
import type { WishOptions } from './firmware-options.ts';
import { followJob, type JobHappening } from './follow-job.ts';

/** The recipe for a preset and what the command line wants otherwise. Prints notes; throws `recipe/…`, `preset/…`. */
export async function recipeFromOptions(
  io: CliIo,
  preset: string,
  wishes: WishOptions,
  client: StationClient,
): Promise<BoardRecipe> {
  const order = await wishesOf(client, wishes);
  const board = recipeForBoard(await choiceOf(client, preset), order);
  requireConfirmed(board, order.confirmed);
  for (const text of [...board.notes, ...board.doubts.map((doubt) => doubt.text)]) {
    io.emit({ type: 'note', text }, () => `Note: ${text}`);
  }
  return board;
}

type BuildOrder = StationInput<'builds.start'>;

export interface BuildWanted {
  /** As `--preset` names it. */
  readonly preset: string;
  /** Null: what the Pi runs if that is where it is built, else the newest official one. */
  readonly sources: Readonly<Record<FirmwareTarget, string | null>>;
  readonly parts: readonly ImagePart[];
  readonly verbose: boolean;
}

/** Builds images, or takes them from the cache, showing what happens; returns their keys. */
export async function buildImages(
  io: CliIo,
  client: StationClient,
  { preset, sources, parts, verbose }: BuildWanted,
  wishes: WishOptions,
): Promise<Images<string>> {
  const { preset: found, variants } = await choiceOf(client, preset);
  const { jobId } = await client.call('builds.start', {
    ...(await wishesOf(client, wishes)),
    ...sources,
    parts: [...parts],
    board: { presetId: found.id, variantId: variants[0]?.id ?? '' },
  });
  const { images } = await followJob(io, client, jobId, 'build', (event) =>
    io.emit(event, (each) => describe(each, verbose)),
  );
  return images;
}

async function choiceOf(client: StationClient, preset: string): Promise<PresetChoice> {
  return findPreset(await client.call('presets.list', null), preset);
}

/** What the options want otherwise than the preset has it. */
async function wishesOf(
  client: StationClient,
  wishes: WishOptions,
): Promise<Omit<BuildOrder, 'board' | 'parts' | FirmwareTarget>> {
  const extra = { katapult: {}, klipper: {} } as Record<FirmwareTarget, Record<string, string>>;
  for (const { target, symbol, value } of wishes.set ?? []) extra[target][symbol] = value;
  const { defaultBitrateBps } = await client.call('settings.get', null);
  return {
    role: wishes.as ?? null,
    bitrateBps: wishes.bitrate ?? defaultBitrateBps,
    canPins: wishes.canPins ?? null,
    crystalHz: wishes.crystal === undefined ? null : wishes.crystal * 1_000_000,
    applicationOffset: wishes.offset === undefined ? null : wishes.offset * 1024,
    extra,
    on: wishes.on,
    confirmed: wishes.confirm === true,
    whilePrinting: wishes.whilePrinting === true,
  };
}

function describe(event: JobHappening, verbose: boolean): string | null {
  switch (event.type) {
    case 'build-phase':
      return `${event.target}: ${buildPhaseWords[event.phase]}`;
    case 'note':
      return event.text;
    case 'cached':
      return `${event.target}: built before, taken from the cache`;
    case 'line':
      return verbose || event.level !== 'plain' ? `${event.target} | ${event.text}` : null;
    default:
      return null;
  }
}
