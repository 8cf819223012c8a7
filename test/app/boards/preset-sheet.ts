import { applicationOffsetOf } from '../../../app/boards/application-offset.ts';
import type { Preset, PresetVariant } from '../../../app/boards/preset-schema.ts';

interface Stated<T> {
  readonly value: T;
  readonly source: string | readonly string[];
  readonly unconfirmed?: true | undefined;
}

const columns = [
  'preset',
  'board',
  'kind',
  'roles',
  'chip',
  'marking',
  'crystal',
  'flash',
  'application',
  "maker's bootloader",
  'CAN RX/TX',
  'transceiver',
  'termination',
  'connector',
  'BOOT0',
  'way into the ROM',
  'power for flashing',
  'pins at start',
  'reset button',
  'file on the card',
  'flash chip',
  'hazards',
] as const;

/** Every value of every preset with its source, one row per chip, for a review against the sources. */
export function presetSheet(presets: readonly Preset[], format: 'markdown' | 'csv'): string {
  const rows = presets.flatMap((preset) => preset.variants.map((variant) => rowOf(preset, variant)));
  return format === 'csv' ? csvOf([columns, ...rows]) : markdownOf([columns, ...rows]);
}

function rowOf(preset: Preset, variant: PresetVariant): readonly string[] {
  const { canPins, canPinChoices, resetButton } = preset;
  const choices = canPinChoices === undefined ? '' : `, open: ${cell(canPinChoices, pairsText)}`;
  return [
    `${preset.id}:${variant.id}`,
    preset.name,
    preset.kind,
    cell(preset.roles, (roles) => roles.join(', ')),
    cell(variant.mcu, String),
    cell(variant.markings, (markings) => markings.join(' or ')),
    cell(variant.crystalHz, (hertz) => `${hertz / 1e6} MHz`),
    cell(variant.flashKiB, kib),
    cell(variant.applicationOffsetKiB ?? preset.applicationOffsetKiB, () =>
      kib(applicationOffsetOf(preset, variant).value),
    ),
    cell(preset.makerBootloaderKiB, kib),
    cell(canPins, (pair) => pair.join('/')) + choices,
    cell(preset.transceiver, String),
    cell(preset.termination, String),
    cell(preset.connector, String),
    cell(preset.boot0, String),
    cell(preset.romEntry, (steps) => steps.map(({ text }) => text).join(' ')),
    cell(preset.flashPower, String),
    cell(preset.initialPins, ({ pins, roles, inKatapult }) =>
      [pins, `as ${roles.join(', ')}`, ...(inKatapult ? ['in Katapult, too'] : [])].join(', '),
    ),
    cell(resetButton, (has) => (has ? 'yes' : 'no')),
    cell(preset.cardFile, String),
    cell(preset.flashChip, String),
    cell(preset.hazards, (hazards) => hazards.map(({ text }) => text).join(' ')),
  ];
}

/** A value with its source: `12 MHz? [can-guide]`, with a question mark if it is unconfirmed; a dash if none states it. */
function cell<T>(stated: Stated<T | null> | undefined, show: (value: T) => string): string {
  if (stated === undefined) return '';
  const text = stated.value === null ? '-' : show(stated.value);
  return `${text}${stated.unconfirmed === true ? '?' : ''} [${[stated.source].flat().join(', ')}]`;
}

function kib(size: number): string {
  return `${size} KiB`;
}

function pairsText(pairs: readonly (readonly string[])[]): string {
  return pairs.map((pair) => pair.join('/')).join(' or ');
}

function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')}\n`).join('');
}

function markdownOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows]
    .map((row) => `| ${row.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |\n`)
    .join('');
}
