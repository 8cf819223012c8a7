import type { RunnableImages } from '../image/image-parts.ts';

/** What may start a board without a click. An outdated bridge runs another Klipper than the recipe's. */
export const benchModes = ['dfu', 'katapult', 'outdated-bridge'] as const;
export type BenchMode = (typeof benchModes)[number];

/** What every board of a batch gets. */
export interface BenchRecipe {
  readonly id: string;
  readonly board: { readonly presetId: string; readonly variantId: string };
  /** For people: the preset's name and the chip. */
  readonly name: string;
  readonly mcu: string;
  /** What may be printed on the chip of this board, with its ordering code or without. */
  readonly markings: readonly string[];
  /** Of the chip on this board; null where the preset does not vouch for it. */
  readonly flashBytes: number | null;
  /** Keys of images in the station's cache. A board is done when it runs, so there is an application. */
  readonly images: RunnableImages<string>;
  /** What the Klipper image says of itself, to tell an outdated bridge by. */
  readonly klipper: KnownKlipper;
  readonly modes: readonly BenchMode[];
  /** The crystal that a person says the images are built for, where they do not tell; null where that was not asked. */
  readonly confirmedCrystalHz: number | null;
  /** The crystal that was found on a board of this batch, or a person knows of; null: as the preset says. */
  readonly crystalHz: number | null;
  /** Keep the old flash of each board before it is erased. */
  readonly backup: boolean;
  /** How many boards are wanted; null: as many as come. */
  readonly target: number | null;
  /** False: nothing new is started with it. */
  readonly isArmed: boolean;
}

/** The Klipper that a board has, as far as it is known. */
export interface KnownKlipper {
  readonly version: string | null;
  /** Of the image, lower-case hex; null where only the version is known. */
  readonly sha256: string | null;
}

/** Whether a bridge runs something else than a recipe would write; null where that cannot be told. */
export function isOutdated(found: KnownKlipper, wanted: KnownKlipper): boolean | null {
  if (found.sha256 !== null && wanted.sha256 !== null) return found.sha256 !== wanted.sha256;
  if (found.version !== null && wanted.version !== null) return found.version !== wanted.version;
  return null;
}

/** Whether two recipes would want the same boards, so that nothing could choose between them. */
export function overlaps(a: BenchRecipe, b: BenchRecipe): boolean {
  return a.mcu === b.mcu && a.modes.some((mode) => b.modes.includes(mode));
}
