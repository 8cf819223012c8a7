import { InvalidArgumentError, type Command } from 'commander';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { isUartName, parsePlace, piOf, piUartPlace, piUsbPlace, type PlaceId } from '../../../app/place.ts';
import { addApiKeyOptions } from './api-key-options.ts';
import type { CliIo } from './context.ts';
import { withKnownPi, withPi, type LoginOptions } from './reach-pi.ts';
import { whileFollowed } from './while-followed.ts';

/** Options of commands that work on boards, here or on a Pi. */
export interface BoardOnPiOptions extends Omit<LoginOptions, 'key'> {
  readonly key?: string;
  /** The Pi, as a login. */
  readonly pi?: string;
  readonly uart?: string;
}

/** A serial port of a Pi, for the commands that can use one. */
export function withUartOption(command: Command): Command {
  return command.option(
    '--uart <name>',
    'with --pi: its serial port that the board is wired to, such as ttyAMA0 or serial0',
    parseUart,
  );
}

function parseUart(text: string): string {
  const name = text.replace(/^\/dev\//, '');
  if (isUartName(name)) return name;
  throw new InvalidArgumentError('must be the name of a serial port, such as ttyAMA0, ttyUSB0 or serial0');
}

/** What a command looks for: a place, any port of a Pi, or, if undefined, any port of this computer. */
export type BoardChoice = PlaceId | { readonly piId: string } | undefined;

/** Adds what is needed to reach boards on a Pi, except for options that the command has already. */
export function withPiOptions(command: Command): Command {
  const known = new Set(command.options.map(({ long }) => long));
  const add = (flags: string, description: string): void => {
    const [long = ''] = flags.split(' ');
    if (!known.has(long)) command.option(flags, description);
  };
  add('--pi <user@host[:port]>', 'boards that are plugged into this Pi, over SSH; --port is a port there');
  add('--key <file>', 'private key to log in to the Pi with');
  add('--trust <fingerprint>', 'accept an unknown host key of the Pi if it is this one (SHA256:...)');
  add('--password-stdin', 'read the password for login and sudo from standard input');
  if (!known.has('--api-key')) addApiKeyOptions(command);
  add('--allow-root', 'agree to what has to be done as root on the Pi: open devices, stop and start Klipper');
  return command;
}

/**
 * Does `work` with the board that the options name. While it runs, the boards of the Pi that they name, if any, are
 * among the station's. Throws what `pi.boards` of the contract throws, and what `work` throws.
 */
export async function onBoardsOf<T>(
  io: CliIo,
  client: StationClient,
  options: BoardOnPiOptions & { readonly port?: PlaceId },
  work: (choice: BoardChoice) => Promise<T>,
): Promise<T> {
  const { pi, port } = options;
  const withBoards = (id: string, choice: BoardChoice): Promise<T> =>
    whileFollowed(
      (until) => client.stream('pi.boards', { id }, until),
      () => work(choice),
    );
  if (pi !== undefined) {
    return await withPi(io, client, pi, options, (id) =>
      withBoards(id, options.uart === undefined ? choiceOn(id, port) : piUartPlace(id, options.uart)),
    );
  }
  if (options.uart !== undefined) throw new InvalidArgumentError('--uart needs --pi');
  const known = port === undefined ? null : piOf(port);
  if (known === null) return await work(port);
  return await withKnownPi(io, client, known, options, () => withBoards(known, port));
}

function choiceOn(piId: string, port: PlaceId | undefined): BoardChoice {
  if (port === undefined) return { piId };
  const place = parsePlace(port);
  if (place?.kind === 'usb') return piUsbPlace(piId, place.portPath);
  if (piOf(port) === piId) return port;
  throw new InvalidArgumentError(`${port} is not on that Pi`);
}
