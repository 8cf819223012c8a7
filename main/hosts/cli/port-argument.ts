import { itemsOf } from '../../../app/contract/live-table.ts';
import { InvalidArgumentError } from 'commander';
import { nodeAt, piOf, placeLabel, placeWords, readPlace, uartAt, type PlaceId } from '../../../app/place.ts';
import { foreignWords } from '../../../app/boards/foreign-device.ts';
import type { Board } from '../../../app/boards/board.ts';
import { knownModes, type BoardMode } from '../../../app/boards/board-mode.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { modeWords } from '../../../app/words.ts';
import type { CliIo } from './context.ts';
import { presentBoards } from './present-boards.ts';

/** Of every command that works on a board. */
export const portOption = [
  '--port <port>',
  'the USB port, as "canopus boards" prints it (default: the only board that fits)',
] as const;

export function parsePort(text: string): PlaceId {
  const place = readPlace(text);
  if (place === null)
    throw new InvalidArgumentError('must be a USB port as "canopus boards" prints it: 1-4.2');
  return place;
}

/** Of every command that writes to a board: any place, a CAN node too. */
export const placeOption = [
  '--place <place>',
  'the place instead of a port: usb:1-4.2, can:1-4.2/0e1a2b3c4d5e, pi:voron/usb:1-1.3, pi:voron/can0/0e1a2b3c4d5e',
] as const;

export function parsePlaceName(text: string): PlaceId {
  const place = readPlace(text);
  if (place !== null) return place;
  throw new InvalidArgumentError('must be a place: usb:1-4.2, can:1-4.2/0e1a2b3c4d5e, pi:voron/usb:1-1.3');
}

/** Modes of a board that can become a bridge without more being said. */
export const boardModes: readonly BoardMode[] = knownModes;

/** Any port of one Pi. */
interface OnPi {
  readonly piId: string;
}

/**
 * Where the board is that a command works on: at the place that was named, or the only one in one of these modes on that
 * Pi, or on this computer.
 * Throws `device/not-found`, `device/wrong-mode`, and `device/ambiguous` where no place was named and several fit.
 */
export async function requireBoard(
  io: Pick<CliIo, 'emit' | 'signal'>,
  client: StationClient,
  choice: PlaceId | OnPi | undefined,
  modes: readonly BoardMode[],
): Promise<PlaceId> {
  const boards = (await presentBoards(client, io.signal)).flatMap((board) =>
    board.place === null ? [] : [{ ...board, place: board.place }],
  );
  if (typeof choice === 'string') return requireMode(boards, choice, modes);
  const piId = choice?.piId ?? null;
  const only = onlyBoard(
    boards.filter(({ place }) => piOf(place) === piId),
    modes,
  );
  const text = `Board on ${placeWords(only.place)}: ${modeWords[only.mode]}, the only one that fits.`;
  io.emit({ type: 'note', text }, () => text);
  return only.place;
}

type PlacedBoard = Board & { readonly place: PlaceId };

function onlyBoard(boards: readonly PlacedBoard[], modes: readonly BoardMode[]): PlacedBoard {
  const [first, ...others] = boards.filter(({ mode }) => modes.includes(mode));
  const wanted = wordsFor(modes);
  if (first === undefined) {
    const message = `No board is plugged in that this is for (${wanted}).`;
    throw new CanopusError('device/not-found', message, { wanted }, { state: 'untouched' });
  }
  if (others.length === 0) return first;
  const ports = [first, ...others].map((board) => placeLabel(board.place));
  const message = `${ports.length} boards are plugged in that this could be for, on ports ${ports.join(', ')}.`;
  throw new CanopusError('device/ambiguous', message, { ports, wanted }, { state: 'untouched' });
}

const wordsFor = (modes: readonly BoardMode[]): string => modes.map((mode) => modeWords[mode]).join(' or ');

function requireMode(boards: readonly PlacedBoard[], place: PlaceId, modes: readonly BoardMode[]): PlaceId {
  const board = boards.find((each) => each.place === place);
  const state = 'untouched';
  if (nodeAt(place) !== null) {
    const message = `${placeWords(place)}: this needs a board on a USB port.`;
    throw new CanopusError('device/unreachable', message, { place }, { state });
  }
  if (board === undefined) {
    const message = `Nothing is plugged into ${placeWords(place)}.`;
    throw new CanopusError('device/not-found', message, { place, modes }, { state });
  }
  const { mode, foreign } = board;
  if (modes.includes(mode)) return place;
  if (mode === 'unknown') {
    const message =
      foreign === null
        ? `The device on ${placeWords(place)} is neither in DFU, nor BOOTSEL, nor Katapult, nor Klipper.`
        : `${placeWords(place)}: ${foreignWords[foreign].text}`;
    throw new CanopusError('device/wrong-mode', message, { place, mode, foreign }, { state });
  }
  const message = `On ${placeWords(place)}: ${modeWords[mode]}. This needs ${wordsFor(modes)}.`;
  const details = { place, modes, mode, wanted: modes.join(' or ') };
  throw new CanopusError('device/wrong-mode', message, details, { state });
}

/** As long as a system takes to give a board its serial port after it has seen the board. */
const ttyTimeoutMs = 3000;

/** The place of a board in Katapult, with its serial port; throws as `requireBoard` does. Opening it shows what is missing. */
export async function requireKatapult(
  io: Pick<CliIo, 'emit' | 'signal'>,
  client: StationClient,
  choice: PlaceId | OnPi | undefined,
): Promise<PlaceId> {
  // What is wired to a serial port is on no list.
  if (typeof choice === 'string' && uartAt(choice) !== null) return choice;
  const place = await requireBoard(io, client, choice, ['katapult']);
  const late = AbortSignal.timeout(ttyTimeoutMs);
  const signal = AbortSignal.any([io.signal, late]);
  try {
    for await (const event of client.stream('boards.watch', null, { signal })) {
      const boards = itemsOf(event);
      if (boards.some((board) => board.place === place && board.tty !== null)) break;
    }
  } catch (error) {
    if (!late.aborted) throw error;
  }
  return place;
}
