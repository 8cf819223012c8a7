import { applicationOffsetOf } from '../boards/application-offset.ts';
import { roleWords, usualRole, type BoardRole } from '../boards/board-role.ts';
import { usualBus } from '../units.ts';
import { CanopusError } from '../errors.ts';
import { rpFlashChips } from '../mcu/rp-kconfig.ts';
import { kconfigString } from './kconfig.ts';
import { makeRecipe } from './recipe.ts';
import type { Recipe } from './recipe.ts';

interface Stated<T> {
  readonly value: T;
  readonly unconfirmed?: true | undefined;
}

/** The parts of a preset that decide a recipe, also for a preset that came over the contract. */
interface RecipePreset {
  readonly id: string;
  readonly name: string;
  readonly roles: Stated<readonly BoardRole[]>;
  readonly canPins: Stated<readonly [string, string] | null>;
  readonly canPinChoices?: Stated<readonly (readonly [string, string])[]> | undefined;
  readonly applicationOffsetKiB: Stated<number>;
  readonly initialPins?: Stated<InitialPins> | undefined;
  readonly flashChip?: Stated<keyof typeof rpFlashChips> | undefined;
}

interface InitialPins {
  readonly pins: string;
  readonly roles: readonly BoardRole[];
  readonly inKatapult: boolean;
}

interface RecipeVariant {
  readonly id: string;
  readonly mcu: Stated<string>;
  readonly crystalHz: Stated<number>;
  readonly applicationOffsetKiB?: Stated<number> | undefined;
}

interface RecipeChoice {
  readonly preset: RecipePreset;
  readonly variants: readonly RecipeVariant[];
}

/** What a person changes in the preset; null or missing: as in the preset. */
interface RecipeWishes {
  readonly role?: BoardRole | null | undefined;
  readonly crystalHz?: number | null;
  readonly canPins?: readonly [string, string] | null;
  readonly bitrateBps?: number | null;
  readonly applicationOffset?: number | null;
  readonly extra?: Partial<Recipe['extra']>;
}

/** A contradiction between a recipe and what is known about the board. It can be built once confirmed. */
export interface RecipeDoubt {
  readonly field: 'role' | 'crystal' | 'can-pins' | 'offset' | 'can-uuid';
  readonly text: string;
}

export interface BoardRecipe {
  readonly presetId: string;
  readonly recipe: Recipe;
  readonly doubts: readonly RecipeDoubt[];
  /** Unconfirmed values of the preset, in words; worth checking, but no obstacle. */
  readonly notes: readonly string[];
}

/**
 * The recipe of a board preset. Throws `recipe/invalid` if the preset leaves something open that was not given (which
 * variant, which CAN pins), and what `makeRecipe` throws.
 */
export function recipeForBoard(choice: RecipeChoice, wishes: RecipeWishes = {}): BoardRecipe {
  const { preset, variants } = choice;
  const [variant] = variants;
  if (variant === undefined || variants.length > 1) {
    const known = variants.map(({ id }) => `${preset.id}:${id}`);
    const message = `${preset.name} comes with several chips; name one: ${known.join(', ')}`;
    throw new CanopusError('recipe/invalid', message, { field: 'variant', known });
  }
  const pairs = [preset.canPins.value, ...(preset.canPinChoices?.value ?? [])].filter(
    (pair) => pair !== null,
  );
  const role = wishes.role ?? usualRole(preset);
  const canPins = role === 'usb' ? null : (wishes.canPins ?? preset.canPins.value);
  if (canPins === null && role !== 'usb') {
    const known = pairs.map((pair) => pair.join('/'));
    const message = `${preset.name} does not say which pins its CAN transceiver is on; name them: ${known.join(', ')}`;
    throw new CanopusError('recipe/invalid', message, { field: 'can-pins', known });
  }
  const presetOffset = applicationOffsetOf(preset, variant).value * 1024;
  const recipe = makeRecipe({
    mcu: variant.mcu.value,
    crystalHz: wishes.crystalHz ?? variant.crystalHz.value,
    applicationOffset: wishes.applicationOffset ?? presetOffset,
    role,
    canPins,
    bitrateBps: wishes.bitrateBps ?? usualBus.bitrateBps,
    extra: extraOf(preset, role, wishes.extra),
  });
  const doubts: RecipeDoubt[] = [];
  const doubt = (field: RecipeDoubt['field'], is: string, wanted: string) =>
    doubts.push({ field, text: `${preset.name} has ${is}, the firmware would be built for ${wanted}` });
  if (!preset.roles.value.includes(role)) {
    const known = preset.roles.value.map((each) => roleWords[each]).join(' or ');
    doubts.push({
      field: 'role',
      text: `${preset.name} is ${known}, the firmware would make it ${roleWords[role]}`,
    });
  }
  if (recipe.crystalHz !== variant.crystalHz.value) {
    doubt(
      'crystal',
      `a crystal of ${mhz(variant.crystalHz.value)}`,
      `${mhz(recipe.crystalHz)}: the board would stay silent`,
    );
  }
  if (canPins !== null && !pairs.some((pair) => pair.join('/') === canPins.join('/'))) {
    doubt(
      'can-pins',
      `its transceiver on ${pairs.map((pair) => pair.join('/')).join(' or ')}`,
      canPins.join('/'),
    );
  }
  if (recipe.applicationOffset !== presetOffset) {
    doubt('offset', `its application at ${kib(presetOffset)}`, kib(recipe.applicationOffset));
  }
  if (hasOwnUuid(recipe)) {
    const text =
      'This Klipper would have its own fixed CAN UUID: the one that Canopus computes from the chip, for label, history and printer.cfg, would be wrong, and all boards with this image would share one';
    doubts.push({ field: 'can-uuid', text });
  }
  const notes: string[] = [];
  if (variant.crystalHz.unconfirmed === true)
    notes.push(`the crystal of ${mhz(variant.crystalHz.value)} is not confirmed`);
  if (preset.canPins.unconfirmed === true && !wishes.canPins && canPins !== null)
    notes.push(`the CAN pins ${canPins.join('/')} are not confirmed`);
  return { presetId: `${preset.id}:${variant.id}`, recipe, doubts, notes };
}

/** The board's pins to set at start and its flash chip, unless a person set them otherwise. */
function extraOf(
  { initialPins, flashChip }: RecipePreset,
  role: BoardRole,
  wishes: Partial<Recipe['extra']> = {},
): Recipe['extra'] {
  const own = initialPins?.value.roles.includes(role) === true ? initialPins.value : null;
  const symbols = own === null ? {} : { INITIAL_PINS: kconfigString(own.pins) };
  return {
    klipper: { ...symbols, ...wishes.klipper },
    katapult: {
      ...(own?.inKatapult === true ? symbols : {}),
      ...(flashChip === undefined ? {} : { [rpFlashChips[flashChip.value]]: 'y' }),
      ...wishes.katapult,
    },
  };
}

/** Kalico's symbols for a UUID that is independent of the chip. */
function hasOwnUuid({ extra }: Recipe): boolean {
  const { klipper } = extra;
  return klipper['CAN_UUID_USE_CHIPID'] === 'n' || klipper['CAN_UUID_CUSTOM'] !== undefined;
}

/** Throws `recipe/not-confirmed` with all contradictions, unless a person who knows the board has confirmed them. */
export function requireConfirmed(board: BoardRecipe, confirmed: boolean): void {
  if (confirmed || board.doubts.length === 0) return;
  const texts = board.doubts.map(({ text }) => text);
  throw new CanopusError('recipe/not-confirmed', texts.join('\n'), {
    fields: board.doubts.map(({ field }) => field),
    doubts: texts,
  });
}

function mhz(hertz: number): string {
  return `${hertz / 1_000_000} MHz`;
}

function kib(bytes: number): string {
  return `${bytes / 1024} KiB`;
}
