import { type Command, InvalidArgumentError, Option } from 'commander';
import { mcuSection } from '../../../app/printer-config/set-canbus.ts';
import { CanopusError } from '../../../app/errors.ts';
import {
  bitrateLimits,
  isInterfaceName,
  isKernelInterfaceName,
  parseCanbusUuid,
  txQueueLimits,
} from '../../../app/units.ts';
import { addApiKeyOptions } from './api-key-options.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { busOf } from '../../../app/settings/settings.ts';
import { defaultWishes, stacks, type PiWishes } from '../../../app/pi/plan-types.ts';

/** The options of every `canopus pi` command. */
export interface PiOptions {
  readonly json?: boolean;
  readonly host: string;
  readonly key: readonly string[];
  readonly trust?: string;
  readonly passwordStdin?: boolean;
  readonly apiKeyStdin?: boolean;
  readonly interface: string;
  readonly data?: string;
  readonly bitrate?: number;
  readonly txqueuelen?: number;
  readonly uuid?: string;
  readonly mcu: string;
  readonly board: readonly string[];
  readonly stack: PiWishes['stack'];
  readonly hat: PiWishes['hat'];
  readonly pin?: string;
  readonly keepRivals?: boolean;
  readonly config?: string;
  /** False with --no-restart. */
  readonly restart: boolean;
  /** True without names: the only printer. */
  readonly idle?: boolean | readonly string[];
  readonly printer?: string;
}

const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

function whole({ min, max }: { readonly min: number; readonly max: number }) {
  return (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`);
  };
}

export function addLoginOptions(command: Command): Command {
  return addApiKeyOptions(command)
    .requiredOption('--host <user@host[:port]>', 'the Pi; names of ~/.ssh/config count')
    .option('--key <file>', 'private key; may be given more than once', collect, [])
    .option('--trust <fingerprint>', 'accept an unknown host key if it is this one (SHA256:...)')
    .option('--password-stdin', 'read the password for login and sudo from standard input')
    .option(
      '--idle [printers...]',
      'confirm that the printer is idle, or those with these names, if they cannot be asked',
    )
    .option('--data <folder>', 'use this data folder instead of the user folders')
    .option('--json', 'print JSON');
}

/** The rates of a bus. */
export function addRateOptions(command: Command): Command {
  return command
    .option(
      '--bitrate <n>',
      'bit/s that every board on the bus was built for (default: from the settings)',
      whole(bitrateLimits),
    )
    .option('--txqueuelen <n>', 'frames that may wait (default: from the settings)', whole(txQueueLimits));
}

export function addWishOptions(command: Command): Command {
  return addRateOptions(command)
    .option('--uuid <digits>', 'canbus_uuid of the board, 12 hexadecimal digits')
    .option('--mcu <name>', 'its section in printer.cfg: NAME for [mcu NAME]', 'mcu')
    .option('--board <name=uuid>', 'another board; may be given more than once', collect, [])
    .option('--interface <name>', 'the network interface', defaultWishes.interfaceName)
    .addOption(
      new Option('--stack <stack>', 'what brings it up').choices(['auto', ...stacks]).default('auto'),
    )
    .addOption(
      new Option('--hat <what>', 'a CAN HAT that is set up').choices(['keep', 'comment-out']).default('keep'),
    )
    .option('--pin <uid>', 'tie the interface name to the board with this USB serial number')
    .option('--keep-rivals', 'only report other configuration of the interface, do not remove it')
    .option('--printer <name>', 'the printer, if the Pi has several')
    .option('--config <path>', 'the same by its printer.cfg on the Pi')
    .option('--no-restart', 'do not restart Klipper');
}

/** The wishes in the options. Throws `usage/invalid`. */
export async function wishesOf(client: StationClient, options: PiOptions): Promise<PiWishes> {
  const bus = busOf(await client.call('settings.get', null));
  const { interface: interfaceName, pin } = options;
  if (!isInterfaceName(interfaceName)) {
    throw new CanopusError('usage/invalid', `"${interfaceName}" is not a valid interface name`, {
      interfaceName,
    });
  }
  if (pin !== undefined && !/^[A-Za-z0-9]{1,64}$/.test(pin)) {
    throw new CanopusError('usage/invalid', `"${pin}" is not a USB serial number`, { pin });
  }
  if (pin !== undefined && isKernelInterfaceName(interfaceName)) {
    const message = `--pin needs its own name with --interface: the kernel may give ${interfaceName} to another interface`;
    throw new CanopusError('usage/invalid', message, { interfaceName });
  }
  return {
    stack: options.stack,
    bitrateBps: options.bitrate ?? bus.bitrateBps,
    txQueueLength: options.txqueuelen ?? bus.txQueueLength,
    interfaceName,
    boards: boardsOf(options),
    hat: options.hat,
    pinToUsbSerial: pin ?? null,
    removeRivals: options.keepRivals !== true,
    configPath: options.config ?? null,
    printer: options.printer ?? null,
    restartKlipper: options.restart,
    confirmedIdle: options.idle ?? false,
  };
}

function boardsOf({ uuid, mcu, board }: PiOptions): PiWishes['boards'] {
  const pairs = board.map((text): [string, string] => {
    const at = text.lastIndexOf('=');
    if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
    throw new CanopusError('usage/invalid', `"${text}" is not NAME=UUID`, { board: text });
  });
  if (uuid !== undefined) pairs.unshift([mcu, uuid]);
  return pairs.map(([name, digits]) => {
    const canbusUuid = parseCanbusUuid(digits);
    if (canbusUuid !== null) return { section: mcuSection(name), canbusUuid };
    const message = `"${digits}" is not a canbus_uuid: it has 12 hexadecimal digits, with leading zeros`;
    throw new CanopusError('usage/invalid', message, { uuid: digits });
  });
}
