import type { BoardMode } from '../boards/board-mode.ts';
import type { RunnableImages } from '../image/image-parts.ts';

/** What may start a board without a click. An outdated bridge runs a different Klipper from the recipe's. */
export const benchModes = ['dfu', 'katapult', 'outdated-bridge'] as const;
export type BenchMode = (typeof benchModes)[number];

/** What a board in this mode may be started as; null if nothing starts it. Whether a bridge is outdated is asked later. */
export function benchModeOf(mode: BoardMode): BenchMode | null {
  if (mode === 'can-bridge') return 'outdated-bridge';
  return mode === 'dfu' || mode === 'katapult' ? mode : null;
}

/** What every board of a batch gets. */
export interface BenchRecipe {
  readonly id: string;
  readonly board: { readonly presetId: string; readonly variantId: string };
  /** For people: the preset's name and the chip. */
  readonly name: string;
  readonly mcu: string;
  /** Possible prints on the chip of this board, with or without the ordering code. */
  readonly markings: readonly string[];
  /** Of the chip on this board; null if the preset does not confirm it. */
  readonly flashBytes: number | null;
  /** Keys of images in the station's cache. A board is done when it runs, so there is an application. */
  readonly images: RunnableImages<string>;
  /** The facts of the Klipper image, to recognise an outdated bridge. */
  readonly klipper: KnownKlipper;
  readonly modes: readonly BenchMode[];
  /** The crystal that a person confirms for the images, if they do not state it; null if not asked. */
  readonly confirmedCrystalHz: number | null;
  /** The crystal that was found on a board of this batch, or that a person knows; null: as in the preset. */
  readonly crystalHz: number | null;
  /** Keep the old flash of each board before it is erased. */
  readonly backup: boolean;
  /** How many boards are wanted; null: no limit. */
  readonly target: number | null;
  /** False: nothing new is started with it. */
  readonly isArmed: boolean;
}

/** The Klipper on a board, as far as it is known. */
export interface KnownKlipper {
  readonly version: string | null;
  /** Of the image, lower-case hex; null if only the version is known. */
  readonly sha256: string | null;
}

/** Whether a bridge runs something else than a recipe would write; null if unknown. */
export function isOutdated(found: KnownKlipper, wanted: KnownKlipper): boolean | null {
  if (found.sha256 !== null && wanted.sha256 !== null) return found.sha256 !== wanted.sha256;
  if (found.version !== null && wanted.version !== null) return found.version !== wanted.version;
  return null;
}

/** Whether two recipes would want the same boards, so that the choice would be ambiguous. */
export function overlaps(a: BenchRecipe, b: BenchRecipe): boolean {
  return a.mcu === b.mcu && a.modes.some((mode) => b.modes.includes(mode));
}
