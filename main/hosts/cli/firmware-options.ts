import { pinName } from '../../../app/mcu/pin-name.ts';
import type { DataOptions } from './station-options.ts';
import { InvalidArgumentError, type Command } from 'commander';
import type { BoardRole } from '../../../app/boards/board-role.ts';
import { parseWholeNumber } from './whole-number.ts';

export interface FirmwareOptions extends DataOptions {
  readonly key?: string;
  readonly trust?: string;
}

/** Where to build, and how to get there. */
export function withMachineOptions(command: Command): Command {
  return command
    .option('--on <machine>', 'local, wsl or pi:USER@HOST', 'local')
    .option('--key <file>', 'the private key to log in to the Pi with')
    .option('--trust <fingerprint>', "trust the Pi's host key with this fingerprint");
}

/** What a person may change in the preset. */
export interface WishOptions {
  readonly bitrate?: number;
  readonly canPins?: readonly [string, string];
  /** Only of `canopus build`. */
  readonly as?: BoardRole;
  readonly crystal?: number;
  readonly offset?: number;
  readonly set?: readonly ExtraSymbol[];
  readonly confirm?: boolean;
  readonly on: string;
  readonly whilePrinting?: boolean;
}

export interface ExtraSymbol {
  readonly target: 'katapult' | 'klipper';
  readonly symbol: string;
  readonly value: string;
}

/** Options of every command that builds. */
export function withWishOptions(command: Command): Command {
  return withMachineOptions(command.optionsGroup('Firmware that is built:'))
    .option('--bitrate <bps>', 'CAN bit rate (default: from the settings)', parseWholeNumber)
    .option('--can-pins <rx/tx>', "the CAN transceiver's pins, PD0/PD1", parsePins)
    .option('--crystal <MHz>', "a different crystal from the preset's", parseWholeNumber)
    .option('--offset <KiB>', 'where Klipper begins, from the start of flash', parseWholeNumber)
    .option('--set <target:SYMBOL=value>', 'an extra kconfig symbol, klipper:INITIAL_PINS="PA1"', parseSymbol)
    .option('--confirm', 'build even if it contradicts the preset')
    .option('--while-printing', 'build on the Pi even while its printer is printing');
}

function parsePins(text: string): readonly [string, string] {
  const [rx, tx, ...more] = text.split(/[/,]/).map(pinName);
  if (rx === undefined || tx === undefined || more.length > 0)
    throw new InvalidArgumentError('must be like PD0/PD1');
  return [rx, tx];
}

function parseSymbol(text: string, before: readonly ExtraSymbol[] = []): readonly ExtraSymbol[] {
  const [, target, symbol = '', value = ''] =
    /^(katapult|klipper):(?:CONFIG_)?([A-Z0-9_]+)=(.*)$/.exec(text) ?? [];
  if (target !== 'katapult' && target !== 'klipper') {
    throw new InvalidArgumentError('must be like klipper:INITIAL_PINS="PA1"');
  }
  return [...before, { target, symbol, value }];
}
