import { CanopusError } from '../errors.ts';
import { kconfigOf, mcuNames } from '../mcu/mcu.ts';
import type { FirmwareTarget, Recipe } from './recipe.ts';
import type { ConfigDifference } from './config-difference.ts';

const names = { katapult: 'Katapult', klipper: 'Klipper' } as const;

/** A setting of the recipe that kconfig offers as one of several, with its name for a person. */
interface Choice {
  readonly symbol: string;
  /** The common prefix of the choice's symbols; a tree without any of them has another name for the choice. */
  readonly family: RegExp;
  readonly text: (offered: readonly string[]) => string;
}

const beforeBridge =
  'Klipper has no USB to CAN bridge in this version; it came with v0.10.0-503 in June 2022';

const bridgeSymbols = mcuNames.map((mcu) => kconfigOf(mcu).bridge);

function isBeforeBridge(target: FirmwareTarget, knownSymbols: ReadonlySet<string>): boolean {
  return (
    target === 'klipper' && knownSymbols.size > 0 && !bridgeSymbols.some((symbol) => knownSymbols.has(symbol))
  );
}

/**
 * Throws `build/not-offered` for a Klipper from before the bridge, whatever else keeps it from being configured: it may
 * need a Python 2, which systems no longer have.
 */
export function refuseBeforeBridge(target: FirmwareTarget, knownSymbols: ReadonlySet<string>): void {
  if (!isBeforeBridge(target, knownSymbols)) return;
  throw new CanopusError('build/not-offered', beforeBridge, { target, missing: [beforeBridge] });
}

/**
 * The recipe's settings (crystal, application offset, CAN pins) that the tree knows as a choice but does not offer for
 * this chip, as sentences: "Katapult has no 24 MHz crystal; it has 8, 12, 16 MHz". Empty if the differences are of
 * another kind, above all if the tree has another name for the whole choice. `knownSymbols`: everything that the tree's
 * Kconfig files define.
 */
export function missingChoices(
  target: FirmwareTarget,
  recipe: Recipe,
  differences: readonly ConfigDifference[],
  knownSymbols: ReadonlySet<string>,
): readonly string[] {
  const asked = differences.filter(({ origin }) => origin === 'asked').map(({ symbol }) => symbol);
  if (asked.includes(kconfigOf(recipe.mcu).bridge) && isBeforeBridge(target, knownSymbols))
    return [beforeBridge];
  const choices = choicesOf(target, recipe);
  // Other dropped symbols (the chip, the bridge) drop these choices too: then they are not the reason.
  if (!asked.every((symbol) => choices.some((choice) => choice.symbol === symbol))) return [];
  return choices.flatMap(({ symbol, family, text }) => {
    if (!asked.includes(symbol)) return [];
    const siblings = [...knownSymbols].flatMap((each) =>
      each === symbol ? [] : (family.exec(each)?.[1] ?? []),
    );
    return siblings.length === 0 ? [] : [text(siblings)];
  });
}

function choicesOf(target: FirmwareTarget, recipe: Recipe): readonly Choice[] {
  const { role, mcu, crystalHz, applicationOffset, canPins } = recipe;
  const name = names[target];
  const kconfig = kconfigOf(mcu);
  const { clock } = kconfig;
  const place = target === 'katapult' ? kconfig.launch : kconfig.application;
  const symbols = role === 'usb' ? null : kconfig.canPins[role];
  const [pins] = canPins === null ? [] : (symbols?.settings(canPins) ?? []);
  const allPins = symbols?.all ?? null;
  const begins = target === 'katapult' ? 'cannot start an application' : 'cannot begin';
  const choices: Choice[] = [];
  if (clock !== null) {
    choices.push({
      symbol: clock.symbol(crystalHz),
      family: clock.all,
      text: (offered) => {
        const others = offered.map(Number).sort((a, b) => a - b);
        return `${name} has no ${crystalHz / 1_000_000} MHz crystal; it has ${others.join(', ')} MHz`;
      },
    });
  }
  if (place !== null) {
    choices.push({
      symbol: place.symbol(applicationOffset),
      family: place.all,
      // Which of the others are offered depends on the chip, which the names alone do not show.
      text: () => `${name} ${begins} at ${applicationOffset / 1024} KiB on ${mcu}`,
    });
  }
  if (canPins !== null && pins !== undefined && allPins !== null) {
    choices.push({
      symbol: pins[0],
      family: allPins,
      text: () => `${name} has no CAN on ${canPins.join('/')} on ${mcu}`,
    });
  }
  return choices;
}
