import { applicationOffsetOf } from '../../../app/boards/application-offset.ts';
import { mcuLabel } from '../../../app/mcu/mcu.ts';
import { roleWords } from '../../../app/boards/board-role.ts';
import { describeHazard } from '../../../app/boards/hazards.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';

const begin = '<!-- boards: made by `npm run docs` from resources/boards; do not edit -->';
const end = '<!-- /boards -->';

/** The page with the part between its marks made anew from the presets. Throws where a mark is missing. */
export function pageWithBoards(page: string, presets: readonly Preset[]): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error('docs/boards.md has lost its marks');
  return `${before}${begin}\n\n${boardsTable(presets)}\n${presets.map(boardSection).join('\n')}\n${end}${after}`;
}

function boardsTable(presets: readonly Preset[]): string {
  const rows = presets.map((preset) => [
    preset.name,
    preset.variants.map(({ id }) => `\`${preset.id}:${id}\``).join('<br>'),
    preset.variants.map(chipOf).join('<br>'),
    pinsOf(preset),
    preset.transceiver.value ?? 'not stated',
    preset.boot0.value ?? 'not stated',
  ]);
  const head = ['board', '`--preset`', 'chip, crystal, flash', 'CAN RX/TX', 'transceiver', 'BOOT0'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function chipOf({ markings, crystalHz, flashKiB, mcu }: Preset['variants'][number]): string {
  // One size stands for several markings only where the file says no more; then none is said.
  const flash = flashKiB.value === null || markings.value.length > 1 ? [] : [`${flashKiB.value} KiB`];
  const doubt = mcu.unconfirmed || crystalHz.unconfirmed ? ' (unconfirmed)' : '';
  return [markings.value.join(' or '), `${crystalHz.value / 1e6} MHz`, ...flash].join(', ') + doubt;
}

function pinsOf({ canPins, canPinChoices }: Preset): string {
  if (canPins.value !== null) return canPins.value.join('/') + (canPins.unconfirmed ? ' (unconfirmed)' : '');
  const choices = (canPinChoices?.value ?? []).map((pair) => pair.join('/'));
  return choices.length === 0 ? 'not stated' : `open: ${choices.join(', ')}`;
}

/** The chips of a board may start their applications at different places. */
function offsetsOf(preset: Preset): string {
  const offsets = new Map<number, string[]>();
  for (const variant of preset.variants) {
    const { value } = applicationOffsetOf(preset, variant);
    offsets.set(value, [...(offsets.get(value) ?? []), mcuLabel(variant.mcu.value)]);
  }
  const places = [...offsets].map(
    ([offset, chips]) =>
      `${offset} KiB${offsets.size === 1 ? '' : ` on ${[...new Set(chips)].join(' and ')}`}`,
  );
  return `Klipper begins at ${places.join(', ')}.`;
}

function rolesOf({ kind, roles }: Preset): string {
  return `A ${kind}; as ${roles.value.map((role) => roleWords[role]).join(', ')}.`;
}

function boardSection(preset: Preset): string {
  const names = [...preset.aliases, ...(preset.sharedNames ?? []).map((name) => `${name} (as others are)`)];
  const bootloader = preset.makerBootloaderKiB.value;
  const facts = [
    names.length === 0 ? null : `Also called ${names.join(', ')}.`,
    bootloader === null ? null : `The maker's bootloader takes ${bootloader} KiB.`,
    offsetsOf(preset),
    rolesOf(preset),
    preset.flashPower === undefined ? null : `Power for flashing: ${preset.flashPower.value}.`,
    preset.initialPins === undefined
      ? null
      : `Klipper must set ${preset.initialPins.value.pins} at its start as ${preset.initialPins.value.roles.map((role) => roleWords[role]).join(' or ')}.`,
    preset.cardFile === undefined ? null : `Its SD card takes firmware as ${preset.cardFile.value}.`,
    preset.connector.value === null ? null : `CAN connector: ${preset.connector.value}.`,
  ].filter((fact) => fact !== null);
  const hazards = (preset.hazards.value ?? []).map((hazard) => `**Warning:** ${describeHazard(hazard)}`);
  const others = preset.otherVariants.map(
    ({ label, reason }) => `Not this preset: ${label}. ${reason.value}`,
  );
  const points = [...hazards, ...preset.notes.map(({ value }) => value), ...others];
  return [
    `### ${preset.name}\n`,
    `${facts.join(' ')}\n`,
    ...(points.length === 0 ? [] : [`${points.map((point) => `- ${point}`).join('\n')}\n`]),
    `Sources: [resources/boards/${preset.id}.json](../resources/boards/${preset.id}.json).\n`,
  ].join('\n');
}
