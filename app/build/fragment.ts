import { CanopusError } from '../errors.ts';
import type { KconfigChoice, KconfigSettings } from '../mcu/kconfig-symbols.ts';
import { flashStartOf, isMcuName, kconfigOf, mcuFacts } from '../mcu/mcu.ts';
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
 * The kconfig fragment of a recipe. Symbols as in the `src/Kconfig` of Klipper and Katapult, those of a
 * chip's family as in its row of `app/mcu`: facts, not text.
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

function katapultFragment(recipe: Recipe): Fragment {
  const { machine, mcu, clock, launch, noDeployer } = kconfigOf(recipe.mcu);
  // A node is updated over the bus that it is on.
  const talk = recipe.role === 'node' ? nodeOf(recipe) : usbOf(recipe);
  return {
    target: 'katapult',
    asked: new Map([
      [machine, 'y'],
      [mcu(recipe.mcu), 'y'],
      ...chosen(clock, recipe.crystalHz),
      ...talk.asked,
      ...chosen(launch, recipe.applicationOffset),
      [noDeployer, 'y'],
      ['ENABLE_DOUBLE_RESET', 'y'],
    ]),
    derived: new Map([
      ['MCU', kconfigString(recipe.mcu)],
      ...crystalOf(recipe),
      ['FLASH_APPLICATION_ADDRESS', kconfigHex(katapultAddress(recipe.mcu))],
      ['LAUNCH_APP_ADDRESS', kconfigHex(applicationAddress(recipe))],
      ...talk.derived,
    ]),
  };
}

/** Where Katapult's own vector table is: behind what the ROM of an RP2040 needs in front of it. */
function katapultAddress(mcu: string): number {
  return flashStartOf(mcu) + (isMcuName(mcu) ? mcuFacts[mcu].vectorTableOffset.katapult : 0);
}

function klipperFragment(recipe: Recipe): Fragment {
  const { machine, mcu, clock, application } = kconfigOf(recipe.mcu);
  const talk = { bridge: bridgeOf, node: nodeOf, usb: usbOf }[recipe.role](recipe);
  return {
    target: 'klipper',
    asked: new Map([
      // Without it kconfig has no prompt for the crystal and silently keeps its default.
      ['LOW_LEVEL_OPTIONS', 'y'],
      [machine, 'y'],
      [mcu(recipe.mcu), 'y'],
      [application.symbol(recipe.applicationOffset), 'y'],
      ...chosen(clock, recipe.crystalHz),
      ...talk.asked,
    ]),
    derived: new Map([
      ['MCU', kconfigString(recipe.mcu)],
      ...crystalOf(recipe),
      ['FLASH_APPLICATION_ADDRESS', kconfigHex(applicationAddress(recipe))],
      ...talk.derived,
    ]),
  };
}

/** How a firmware talks: what kconfig is asked for, and what follows. */
interface Talk {
  readonly asked: KconfigSettings;
  readonly derived: KconfigSettings;
}

function bridgeOf({ mcu, canPins, bitrateBps }: Recipe): Talk {
  const { bridge, canPins: pins } = kconfigOf(mcu);
  const settings = canPins === null ? [] : pins.bridge.settings(canPins);
  return {
    asked: [[bridge, 'y'], ...settings, ['CANBUS_FREQUENCY', String(bitrateBps)]],
    derived: [['USBCANBUS', 'y']],
  };
}

function nodeOf({ mcu, canPins, bitrateBps }: Recipe): Talk {
  const settings = canPins === null ? [] : kconfigOf(mcu).canPins.node.settings(canPins);
  return {
    asked: [...settings, ['CANBUS_FREQUENCY', String(bitrateBps)]],
    derived: [['CANSERIAL', 'y']],
  };
}

function usbOf({ mcu }: Recipe): Talk {
  return { asked: [[kconfigOf(mcu).usb, 'y']], derived: [['USBSERIAL', 'y']] };
}

/** The symbol of a value; none where the MCU has no choice. */
function chosen<T>(choice: KconfigChoice<T> | null, value: T): KconfigSettings {
  return choice === null ? [] : [[choice.symbol(value), 'y']];
}

function crystalOf({ mcu, crystalHz }: Recipe): KconfigSettings {
  return kconfigOf(mcu).clock === null ? [] : [['CLOCK_REF_FREQ', String(crystalHz)]];
}
