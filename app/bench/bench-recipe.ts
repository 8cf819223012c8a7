import * as z from 'zod/mini';
import { boardRoles } from '../boards/board-role.ts';
import type { BoardMode } from '../boards/board-mode.ts';
import { confirmationsSchema } from '../boards/confirmations.ts';
import { runnableImageKeysSchema } from '../image/image-parts.ts';
import type { Plain } from '../plain.ts';

/** What may start a board without a click; `dfu` is its ROM, which an RP2040 has as BOOTSEL. An outdated bridge runs a different Klipper from the recipe's. */
export const benchModes = ['dfu', 'katapult', 'outdated-bridge'] as const;
export type BenchMode = (typeof benchModes)[number];

/** What a board in this mode may be started as; null if nothing starts it. Whether a bridge is outdated is asked later. */
export function benchModeOf(mode: BoardMode): BenchMode | null {
  if (mode === 'can-bridge') return 'outdated-bridge';
  if (mode === 'bootsel') return 'dfu';
  return mode === 'dfu' || mode === 'katapult' ? mode : null;
}

/** What is known about the Klipper on a board. */
const knownKlipperSchema = z.object({
  version: z.nullable(z.string()),
  /** Of the image, lower-case hex; null if only the version is known. */
  sha256: z.nullable(z.string()),
});

export type KnownKlipper = Plain<z.infer<typeof knownKlipperSchema>>;

export const recipeIdSchema = z.string().check(z.minLength(1), z.maxLength(300));

/** What every board of a batch gets. A default is what a file of a version without that field means. */
export const benchRecipeSchema = z.object({
  id: recipeIdSchema,
  board: z.object({ presetId: z.string(), variantId: z.string() }),
  /** For people: the preset's name and the chip. */
  name: z.string(),
  mcu: z.string(),
  /** What the board becomes. A node gets Katapult alone over USB, then Klipper over its bus. */
  role: z._default(z.enum(boardRoles), 'bridge'),
  /** Possible prints on the chip of this board, with or without the ordering code. */
  markings: z._default(z.array(z.string()), []),
  /** Of the chip on this board; null if the preset does not confirm it. */
  flashBytes: z.nullable(z.int()),
  /** Keys of images in the station's cache. A board is done when it runs, so there is an application. */
  images: runnableImageKeysSchema,
  /** The facts of the Klipper image, to recognise an outdated bridge. */
  klipper: knownKlipperSchema,
  modes: z.array(z.enum(benchModes)),
  /** The crystal that a person confirms for the images, if they do not state it; null if not asked. */
  confirmedCrystalHz: z._default(confirmationsSchema.shape.crystalHz, null),
  /** The crystal that was found on a board of this batch, or that a person knows; null: as in the preset. */
  crystalHz: z._default(z.nullable(z.int()), null),
  /** Keep the old flash of each board before it is erased. */
  backup: z._default(z.boolean(), false),
  /** How many boards are wanted; null: no limit. */
  target: z.nullable(z.int()),
  /** False: nothing new is started with it. */
  isArmed: z.boolean(),
});

export type BenchRecipe = Plain<z.infer<typeof benchRecipeSchema>>;

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
