import type { ConfigDifference } from './config-difference.ts';
import { CanopusError } from '../errors.ts';
import type { Fragment } from './fragment.ts';
import { kconfigOf } from '../mcu/mcu.ts';
import { namesOf } from './fragment.ts';
import { sameKconfigValue } from './kconfig.ts';
import type { KconfigValues } from './kconfig.ts';
import { missingChoices } from './missing-choice.ts';
import type { Recipe } from './recipe.ts';

/**
 * The differences between a fragment and the configuration that olddefconfig made of it. Kconfig says nothing when it
 * drops a symbol that it does not know or whose dependency is not met, so this is the only place where it shows.
 * `knownSymbols`: everything that the tree's Kconfig files define, for a better reason.
 */
export function compareConfig(
  fragment: Fragment,
  resolved: KconfigValues,
  knownSymbols: ReadonlySet<string> | null = null,
): readonly ConfigDifference[] {
  const differences: ConfigDifference[] = [];
  for (const origin of ['asked', 'derived'] as const) {
    for (const [symbol, asked] of fragment[origin]) {
      const names = namesOf(fragment.target, symbol);
      const name = names.find((each) => resolved.has(each));
      const got = name === undefined ? undefined : resolved.get(name);
      if (sameKconfigValue(asked, got)) continue;
      const known = knownSymbols === null ? null : names.some((each) => knownSymbols.has(each));
      differences.push({ symbol, asked, got: got ?? null, origin, known });
    }
  }
  return differences;
}

/**
 * Throws if there is any difference: `build/unknown-mcu` if the tree lacks the chip, `build/not-offered` if it has the
 * choice but not this value (a crystal, an offset, CAN pins), otherwise `build/config-refused`. The message explains it
 * and has the table; the details hold both line by line. `knownSymbols`: as for `compareConfig`.
 */
export function refuseDifferences(
  fragment: Fragment,
  differences: readonly ConfigDifference[],
  recipe: Recipe,
  knownSymbols: ReadonlySet<string> | null = null,
): void {
  if (differences.length === 0) return;
  const { target } = fragment;
  const { mcu } = recipe;
  const table = formatDifferences(differences);
  const details = { target, table: table.split('\n') };
  const chip = differences.find((each) => each.symbol === kconfigOf(mcu).mcu(mcu));
  if (chip && chip.known !== true) {
    const message = `this ${target} source has no ${mcu} (no symbol ${chip.symbol})\n${table}`;
    throw new CanopusError('build/unknown-mcu', message, { ...details, mcu });
  }
  const missing = knownSymbols === null ? [] : missingChoices(target, recipe, differences, knownSymbols);
  if (missing.length > 0) {
    const message = `${missing.join('\n')}\n${table}`;
    throw new CanopusError('build/not-offered', message, { ...details, missing });
  }
  const count = differences.length === 1 ? 'one symbol' : `${differences.length} symbols`;
  const message = `the ${target} source changed or dropped ${count}\n${table}`;
  throw new CanopusError('build/config-refused', message, details);
}

const reasons = {
  unknown: 'this source has no such symbol',
  dropped: 'dropped: a dependency is not met',
  changed: 'another value won',
} as const;

function reasonOf(difference: ConfigDifference): string {
  if (difference.known === false) return reasons.unknown;
  return difference.got === null || difference.got === 'n' ? reasons.dropped : reasons.changed;
}

/** The differences as a table for people: symbol, asked, got, why. */
export function formatDifferences(differences: readonly ConfigDifference[]): string {
  const rows = differences.map((each) => [
    each.symbol,
    each.origin === 'asked' ? each.asked : `${each.asked} (follows)`,
    each.got ?? 'not there',
    reasonOf(each),
  ]);
  const table = [['symbol', 'asked', 'got', 'why'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => (row[column] ?? '').length)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
