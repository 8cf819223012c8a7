import { InvalidArgumentError, type Command } from 'commander';
import type { Confirmations } from '../../../app/boards/confirmations.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';

/** What a person confirms on the command line. */
export interface ConfirmationOptions {
  readonly marking?: string;
  readonly confirmHazards?: boolean;
  /** Hz. */
  readonly confirmCrystal?: number;
  readonly confirmEraseAll?: boolean;
  readonly confirmRateChange?: readonly string[];
}

/** `--marking` and `--confirm-erase-all`, for commands that write through ROM DFU, which does not name its chip. */
export function withMarkingOption(command: Command): Command {
  return command
    .option('--marking <marking>', 'what is printed on the chip, such as STM32F407ZET6')
    .option('--confirm-erase-all', 'let all of flash be erased, on a chip for which that is needed');
}

/** `--confirm-hazards`, for commands that need a board in DFU. */
export function withHazardOption(command: Command): Command {
  return command.option(
    '--confirm-hazards',
    "confirm that you have dealt with the preset's warnings (heaters, damage)",
  );
}

/** `--confirm-crystal`, for commands that write an image. */
export function withCrystalOption(command: Command): Command {
  return command.option(
    '--confirm-crystal <MHz>',
    'the crystal that an image is built for, if it does not state it',
    parseCrystalHz,
  );
}

/** `--confirm-rate-change`, for commands that can write a bridge. */
export function withRateOption(command: Command): Command {
  return command.option(
    '--confirm-rate-change <uuids>',
    'the nodes, by canbus_uuid with commas between, that a new bit rate of the bridge may put out of reach',
    parseUuids,
  );
}

function parseUuids(text: string): readonly string[] {
  const uuids = text.toLowerCase().split(',');
  if (uuids.every((uuid) => /^[0-9a-f]{12}$/.test(uuid))) return uuids;
  throw new InvalidArgumentError('must be UUIDs of 12 hexadecimal digits with commas between');
}

/** Throws `chip/bad-marking`. */
export function confirmationsOf(options: ConfirmationOptions): Confirmations {
  const { marking, confirmCrystal, confirmEraseAll, confirmRateChange } = options;
  return {
    chipMarking: marking === undefined ? null : parseMarking(marking),
    crystalHz: confirmCrystal ?? null,
    ...(confirmRateChange === undefined ? {} : { lostNodes: [...confirmRateChange] }),
    ...(confirmEraseAll === true ? { eraseAll: true } : {}),
  };
}

function parseCrystalHz(text: string): number {
  const mhz = Number(text.replace(/\s*MHz$/i, ''));
  if (text.trim() === '' || !(mhz >= 1 && mhz <= 50))
    throw new InvalidArgumentError('must be a number of MHz');
  return Math.round(mhz * 1e6);
}
