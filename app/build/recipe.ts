import { CanopusError } from '../errors.ts';
import { bitrateLimits } from '../units.ts';
import type { BoardRole } from '../boards/board-role.ts';
import type { ByPart } from '../image/image-parts.ts';
import { whyNoBridge } from '../mcu/bridge.ts';
import { flashStartOf, isPin } from '../mcu/mcu.ts';

/** The two firmwares that a board needs. */
export const firmwareTargets = ['katapult', 'klipper'] as const;

export type FirmwareTarget = (typeof firmwareTargets)[number];

/** The firmware that is built for each part of flash. */
export const firmwareOf: ByPart<FirmwareTarget> = { bootloader: 'katapult', application: 'klipper' };

/**
 * Everything that decides what Katapult and Klipper are built for. One recipe makes both images, so that what they must
 * agree on, above all the application offset, is given once and cannot differ.
 */
export interface Recipe {
  /** Klipper's name: `stm32f446xx`. */
  readonly mcu: string;
  /** The crystal on the board. */
  readonly crystalHz: number;
  /** Where Katapult ends and Klipper begins, from the start of flash: 0x8000 for 32 KiB. */
  readonly applicationOffset: number;
  /** What the board becomes on the bus. */
  readonly role: BoardRole;
  /** RX and TX of the transceiver, `['PD0', 'PD1']`; null for a board without CAN. */
  readonly canPins: readonly [string, string] | null;
  /** Of the bus; a board without CAN ignores it. */
  readonly bitrateBps: number;
  /** Extra symbols for either firmware, with values as kconfig writes them. */
  readonly extra: Readonly<Record<FirmwareTarget, Readonly<Record<string, string>>>>;
}

/** Where Klipper starts in the MCU's address space. */
export function applicationAddress(recipe: Recipe): number {
  return flashStartOf(recipe.mcu) + recipe.applicationOffset;
}

const noExtra: Recipe['extra'] = { katapult: {}, klipper: {} };

/** What a caller states about a board. Without a role it becomes a bridge. */
export type RecipeInput = Omit<Recipe, 'extra' | 'role'> & {
  readonly extra?: Partial<Recipe['extra']>;
  readonly role?: BoardRole;
};

/**
 * A checked recipe. Throws `recipe/no-bridge` for an MCU that cannot be a USB-to-CAN bridge and `recipe/invalid` for
 * values that no firmware knows; whether *this* source tree knows them shows after olddefconfig.
 */
export function makeRecipe(input: RecipeInput): Recipe {
  const role = input.role ?? 'bridge';
  const canPins = role === 'usb' ? null : input.canPins;
  const recipe: Recipe = { ...input, role, canPins, extra: { ...noExtra, ...input.extra } };
  if (role === 'bridge') checkBridge(recipe.mcu);
  check(
    /^(?:stm32[a-z]\d[0-9a-z]{2}[a-z0-9]{2}|rp\d{4})$/.test(recipe.mcu),
    'mcu',
    recipe.mcu,
    'a name like stm32f446xx',
  );
  check(isStep(recipe.crystalHz, 1_000_000, 1, 50), 'crystal', recipe.crystalHz, 'whole MHz, 1 to 50');
  const offset = recipe.applicationOffset;
  check(isStep(offset, 0x100, 4, 0x1000), 'offset', offset, 'a multiple of 256 bytes, 1 KiB to 1 MiB');
  if (role !== 'usb') checkPins(recipe);
  check(
    isStep(recipe.bitrateBps, 1, bitrateLimits.min, bitrateLimits.max),
    'bit rate',
    recipe.bitrateBps,
    `${bitrateLimits.min} to ${bitrateLimits.max} bit/s`,
  );
  for (const [symbol, value] of Object.values(recipe.extra).flatMap((symbols) => Object.entries(symbols))) {
    check(/^[A-Z][A-Z0-9_]*$/.test(symbol), 'kconfig symbol', symbol, 'capitals, digits and _');
    check(/^(?:y|n|-?\d+|0x[0-9a-fA-F]+|"[^\n\r]*")$/.test(value), symbol, value, 'y, n, a number or "text"');
  }
  return recipe;
}

function check(good: boolean, field: string, value: string | number, wanted: string): void {
  if (good) return;
  throw new CanopusError('recipe/invalid', `${field} ${value} is not possible: ${wanted}`, {
    field,
    value,
    wanted,
  });
}

function isStep(value: number, step: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value % step === 0 && value >= min * step && value <= max * step;
}

function checkPins({ mcu, canPins }: Recipe): void {
  const [rx, tx] = canPins ?? ['', ''];
  const good = isPin(rx, mcu) && isPin(tx, mcu) && rx !== tx;
  check(good, 'CAN pins', `${rx}/${tx}`, 'two pins like PD0/PD1');
}

function checkBridge(mcu: string): void {
  const reason = whyNoBridge(mcu);
  if (reason === null) return;
  throw new CanopusError('recipe/no-bridge', `${mcu} cannot be a USB-to-CAN bridge: ${reason}`, {
    mcu,
    reason,
  });
}
