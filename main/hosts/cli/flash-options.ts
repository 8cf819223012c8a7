import type { Command } from 'commander';
import { CanopusError } from '../../../app/errors.ts';
import type { PlaceId } from '../../../app/place.ts';
import { noConfirmations } from '../../../app/boards/confirmations.ts';
import { findPreset } from '../../../app/boards/preset.ts';
import type { StationClient, StationInput } from '../../../app/contract/station-contract.ts';
import { confirmationsOf, type ConfirmationOptions } from './confirmation-options.ts';
import type { BoardOnPiOptions } from './board-on-pi.ts';
import type { CliIo } from './context.ts';
import { parsePlaceName, parsePort, placeOption, portOption } from './port-argument.ts';
import { withStationOptions, type StationOptions } from './station-options.ts';

export interface FlashCommandOptions extends StationOptions, BoardOnPiOptions {
  /** Where it is left out, the only board that fits. */
  readonly port?: PlaceId;
  /** The same, by the whole name of a place. */
  readonly place?: PlaceId;
  readonly preset?: string;
  readonly operator?: string;
}

/** How a preset is named, for the help of every command that takes one. */
export const presetHelp = 'the board with its chip, ID:VARIANT as "canopus presets" lists it: octopus:f446';

/** Of every command that can find a board's crystal. */
export const rescueOption = [
  '--rescue',
  'find the crystal of a board that stays silent, and write firmware for it',
] as const;

/** Options of every command that writes: what is known of the board, the station, the operator. */
export function withPresetOptions(command: Command, preset: 'needed' | 'optional' = 'optional'): Command {
  const flags = ['--preset <id>', presetHelp] as const;
  const named = preset === 'needed' ? command.requiredOption(...flags) : command.option(...flags);
  return withStationOptions(named).option(
    '--operator <name>',
    'the operator, for the history (default: from the settings)',
  );
}

/** And `--port` or `--place`, of those that write to a board. */
export function withFlashOptions(command: Command, preset: 'needed' | 'optional' = 'optional'): Command {
  const placed = command.option(...portOption, parsePort).option(...placeOption, parsePlaceName);
  return withPresetOptions(placed, preset);
}

/** Where the board is, by either option. Throws `usage/invalid` if they name two places. */
export function portOf({ port, place }: Pick<FlashCommandOptions, 'port' | 'place'>): PlaceId | undefined {
  if (port === undefined || place === undefined || port === place) return port ?? place;
  throw new CanopusError('usage/invalid', '--port and --place name two places: give one of them');
}

type FlashOrder = StationInput<'flash.start'>;

/** What the options say of an order beside its images. Throws `preset/…` and `chip/bad-marking`. */
export async function orderOf(
  client: StationClient,
  options: ConfirmationOptions &
    Pick<FlashCommandOptions, 'preset' | 'operator'> & {
      readonly rescue?: boolean;
      readonly wait?: number;
      readonly confirmReadUnprotect?: boolean;
    },
): Promise<Omit<FlashOrder, 'place' | 'images'>> {
  const { preset, operator = null, rescue, wait, confirmReadUnprotect, ...confirming } = options;
  return {
    board: preset === undefined ? null : await boardOf(client, preset),
    confirmReadUnprotect: confirmReadUnprotect === true,
    confirmations: { ...noConfirmations, ...confirmationsOf(confirming) },
    searches: rescue === true ? 'when-silent' : 'never',
    personTimeoutMs: wait === undefined ? null : wait * 1000,
    operator,
  };
}

/** Its variant only where that was named, or is the only one. */
async function boardOf(client: StationClient, reference: string): Promise<NonNullable<FlashOrder['board']>> {
  const { preset, variants } = findPreset(await client.call('presets.list', null), reference);
  return { presetId: preset.id, variantId: variants.length === 1 ? (variants[0]?.id ?? null) : null };
}

/**
 * Says what the preset warns of. Throws `preset/hazards-not-confirmed` where that must be confirmed and was not: a
 * terminal has no box to tick.
 */
export async function requireSafeBoard(
  io: CliIo,
  client: StationClient,
  { preset: reference, confirmHazards = false }: ConfirmationOptions & { readonly preset?: string },
): Promise<void> {
  if (reference === undefined) return;
  const { describeHazard, requireHazardsConfirmed } = await import('../../../app/boards/hazards.ts');
  const { preset } = findPreset(await client.call('presets.list', null), reference);
  requireHazardsConfirmed(preset, confirmHazards);
  for (const hazard of preset.hazards.value ?? []) {
    const text = describeHazard(hazard);
    io.emit({ type: 'note', text }, () => `Warning: ${text}`);
  }
}
