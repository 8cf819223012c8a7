import { isCommitId, parseFirmwareSource, type FirmwareSource } from '../build/firmware-source.ts';
import type { ImageRecord } from '../build/image-record.ts';
import type { FirmwareTarget, Recipe } from '../build/recipe.ts';
import type { ImageInfo } from '../image/image-info.ts';

/** What an image states about itself, as a record keeps it, too. */
type TwinFacts = Omit<ImageInfo, 'dictionary'>;

/** What to build to get an image's twin for another crystal. */
interface TwinOrder {
  readonly target: FirmwareTarget;
  readonly recipe: Recipe;
  readonly presetId: string | null;
  readonly source: FirmwareSource;
  /** `local`, `wsl`, `wsl:DISTRIBUTION` or `pi:USER@HOST[:PORT]`. */
  readonly on: string;
}

/**
 * How to build an image of the cache again for another crystal, from the same sources on the same machine: a branch or
 * tag is pinned to its commit at the time. Null if its record does not say.
 */
export function twinOrder({ build, presetId }: ImageRecord, crystalHz: number): TwinOrder | null {
  const order = build?.order;
  if (build === null || order === undefined) return null;
  const source = parseFirmwareSource(order.source);
  const { commit } = build.source;
  const isPinned = source.type === 'git' && commit !== null && isCommitId(commit);
  return {
    target: build.target,
    recipe: { ...build.recipe, crystalHz },
    presetId,
    source: isPinned ? { ...source, ref: commit } : source,
    on: order.on,
  };
}

/**
 * Whether an image is another one's twin for a crystal, by everything that both state about themselves. Katapult may
 * have another version; one that does not use USB is none, for it would never show.
 */
export function isTwin(image: TwinFacts, of: TwinFacts, crystalHz: number): boolean {
  const facts = ({ kind, mcu, applicationAddress, launchAddress, can, version }: TwinFacts): string =>
    JSON.stringify([
      ...[kind, mcu, applicationAddress, launchAddress, can?.role, can?.pins, can?.bitrateBps],
      kind === 'klipper' ? version : null,
    ]);
  const isWhole = image.truncation === null && image.usb !== false;
  return isWhole && image.crystalHz === crystalHz && facts(image) === facts(of);
}
