import { CanopusError } from '../errors.ts';
import { flashStart } from '../mcu/stm32f4-flash.ts';
import { kconfigHex, kconfigString, sameKconfigValue } from './kconfig.ts';
import type { KconfigValues } from './kconfig.ts';
import { applicationAddress } from './recipe.ts';
import type { FirmwareTarget, Recipe } from './recipe.ts';

/** What kconfig is asked for, and what must result. */
export interface Fragment {
  readonly target: FirmwareTarget;
  /** The symbols to put into `.config` before olddefconfig. */
  readonly asked: KconfigValues;
  /** Symbols without a prompt that follow from them; they cannot be set, but must have these values. */
  readonly derived: KconfigValues;
}

/**
 * The names of derived symbols in older trees. Klipper: until 9b342c65c (v0.11.0-21, December 2022); the USB bridge
 * exists since 790ff4d8d (v0.10.0-503, June 2022). Katapult, then CanBoot: until 7db10a0 (v0.0.1-21, December 2022) and
 * f9cd240 (v0.0.1-23), where Katapult's own start was FLASH_BOOT_ADDRESS, before 41067c6 BOOTLOADER_START, and in
 * v0.0.1 FLASH_START.
 */
const olderNames: Readonly<Record<FirmwareTarget, ReadonlyMap<string, readonly string[]>>> = {
  katapult: new Map([
    ['LAUNCH_APP_ADDRESS', ['APPLICATION_START']],
    ['FLASH_APPLICATION_ADDRESS', ['FLASH_BOOT_ADDRESS', 'BOOTLOADER_START', 'FLASH_START']],
  ]),
  klipper: new Map([['FLASH_APPLICATION_ADDRESS', ['FLASH_START']]]),
};

/** All names that a symbol of a fragment has had, the current one first. */
export function namesOf(target: FirmwareTarget, symbol: string): readonly string[] {
  return [symbol, ...(olderNames[target].get(symbol) ?? [])];
}

/**
 * The kconfig fragment of a recipe. Symbols as in the Kconfig files of Klipper (`src/Kconfig`, `src/stm32/Kconfig`) and
 * Katapult (the same paths): facts, not text.
 *
 * Extra symbols are added; one that contradicts the recipe throws `recipe/conflict`.
 */
export function fragmentOf(recipe: Recipe, target: FirmwareTarget): Fragment {
  const fragment = target === 'katapult' ? katapultFragment(recipe) : klipperFragment(recipe);
  const asked = new Map(fragment.asked);
  for (const [symbol, value] of Object.entries(recipe.extra[target])) {
    const fixed = asked.get(symbol) ?? derivedValue(fragment, symbol);
    if (fixed !== undefined && !sameKconfigValue(fixed, value)) {
      const message = `${symbol}=${value} for ${target} contradicts the recipe, which needs ${symbol}=${fixed}`;
      throw new CanopusError('recipe/conflict', message, { target, symbol, value, fixed });
    }
    asked.set(symbol, value);
  }
  return { ...fragment, asked };
}

/** The required value of a symbol, under any of its names. */
function derivedValue({ target, derived }: Fragment, name: string): string | undefined {
  for (const [symbol, value] of derived) if (namesOf(target, symbol).includes(name)) return value;
  return undefined;
}

/** The symbol that chooses the chip: MACH_STM32F446 for stm32f446xx. */
export function mcuSymbol(mcu: string): string {
  return `MACH_${mcu.slice(0, 9).toUpperCase()}`;
}

function katapultFragment(recipe: Recipe): Fragment {
  return {
    target: 'katapult',
    asked: new Map([
      ['MACH_STM32', 'y'],
      [mcuSymbol(recipe.mcu), 'y'],
      [clockSymbol(recipe), 'y'],
      ['STM32_USB_PA11_PA12', 'y'],
      [applicationSymbol('katapult', recipe), 'y'],
      // "Do not build" the deployer: Katapult itself goes to the start of flash.
      ['STM32_FLASH_START_0000', 'y'],
      ['ENABLE_DOUBLE_RESET', 'y'],
    ]),
    derived: new Map([
      ['MCU', kconfigString(recipe.mcu)],
      ['CLOCK_REF_FREQ', String(recipe.crystalHz)],
      ['FLASH_APPLICATION_ADDRESS', kconfigHex(flashStart)],
      ['LAUNCH_APP_ADDRESS', kconfigHex(applicationAddress(recipe))],
      ['USBSERIAL', 'y'],
    ]),
  };
}

function klipperFragment(recipe: Recipe): Fragment {
  return {
    target: 'klipper',
    asked: new Map([
      // Without it kconfig has no prompt for the crystal and silently keeps its default.
      ['LOW_LEVEL_OPTIONS', 'y'],
      ['MACH_STM32', 'y'],
      [mcuSymbol(recipe.mcu), 'y'],
      [applicationSymbol('klipper', recipe), 'y'],
      [clockSymbol(recipe), 'y'],
      [bridgeSymbol, 'y'],
      [canPinsSymbol(recipe), 'y'],
      ['CANBUS_FREQUENCY', String(recipe.bitrateBps)],
    ]),
    derived: new Map([
      ['MCU', kconfigString(recipe.mcu)],
      ['CLOCK_REF_FREQ', String(recipe.crystalHz)],
      ['FLASH_APPLICATION_ADDRESS', kconfigHex(applicationAddress(recipe))],
      ['USBCANBUS', 'y'],
    ]),
  };
}

/** The symbol that makes Klipper a bridge. */
export const bridgeSymbol = 'STM32_USBCANBUS_PA11_PA12';

/** The symbol that chooses the crystal. */
export function clockSymbol({ crystalHz }: Recipe): string {
  return `STM32_CLOCK_REF_${crystalHz / 1_000_000}M`;
}

/** The symbol that chooses where Klipper starts: for Katapult the address to start, for Klipper its own. */
export function applicationSymbol(target: FirmwareTarget, { applicationOffset }: Recipe): string {
  const offset = applicationOffset.toString(16).toUpperCase();
  return target === 'katapult' ? `STM32_APP_START_${offset}` : `STM32_FLASH_START_${offset}`;
}

/** The symbol that chooses the bridge's CAN pins. */
export function canPinsSymbol({ canPins }: Recipe): string {
  return `STM32_CMENU_CANBUS_${canPins.join('_')}`;
}
