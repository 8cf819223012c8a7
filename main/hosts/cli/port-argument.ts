import { type PlaceId, placeWords, usbPlace } from '../../../app/place.ts';
import { modeWords } from '../../../app/words.ts';
import { boardMode, type BoardMode } from '../../../app/boards/board-mode.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { PresentDevice, DeviceWatch } from '../../jobs/device-watch.ts';
import { wrongDevice } from '../../jobs/wrong-device.ts';
import type { CliIo } from './context.ts';

/** Modes of a board that can become a bridge without further choices. */
export const boardModes: readonly BoardMode[] = ['dfu', 'katapult', 'klipper-serial', 'can-bridge'];

/**
 * The board that a command works on: the one on the named port, or the only one in one of these modes. Throws
 * `device/not-found`, `device/wrong-mode`, and `device/ambiguous` if no port was named and several fit.
 */
export function requireBoard(
  io: Pick<CliIo, 'emit'>,
  watch: DeviceWatch,
  place: PlaceId | undefined,
  modes: readonly BoardMode[],
): PresentDevice {
  if (place !== undefined) return boardAt(watch, place, modes);
  const board = onlyBoard(watch, modes);
  const text = `Board on ${placeWords(board.place)}: ${modeWords[boardMode(board.device)]}, the only one that fits.`;
  io.emit({ type: 'note', text }, () => text);
  return board;
}

function onlyBoard(watch: DeviceWatch, modes: readonly BoardMode[]): PresentDevice {
  const fitting = watch.all().filter((device) => modes.includes(boardMode(device)));
  const [first, ...others] = fitting
    .map(({ portPath }) => watch.at(usbPlace(portPath)))
    .filter((each) => each !== null);
  const wanted = wordsFor(modes);
  if (first === undefined) {
    const message = `No board is plugged in that this is for (${wanted}).`;
    throw new CanopusError('device/not-found', message, { wanted }, { state: 'untouched' });
  }
  if (others.length === 0) return first;
  const ports = fitting.map(({ portPath }) => portPath);
  const message = `${fitting.length} boards are plugged in that this could be for, on ports ${ports.join(', ')}.`;
  throw new CanopusError('device/ambiguous', message, { ports, wanted }, { state: 'untouched' });
}

const wordsFor = (modes: readonly BoardMode[]): string => modes.map((mode) => modeWords[mode]).join(' or ');

function boardAt(watch: DeviceWatch, place: PlaceId, modes: readonly BoardMode[]): PresentDevice {
  const present = watch.at(place);
  const details = { place, modes };
  if (present === null) {
    throw new CanopusError('device/not-found', `Nothing is plugged into ${placeWords(place)}.`, details, {
      state: 'untouched',
    });
  }
  const mode = boardMode(present.device);
  if (modes.includes(mode)) return present;
  if (mode === 'unknown') throw wrongDevice(present.device, 'untouched');
  throw new CanopusError(
    'device/wrong-mode',
    `On ${placeWords(place)}: ${modeWords[mode]}. This needs ${wordsFor(modes)}.`,
    { ...details, mode, wanted: modes.join(' or ') },
    { state: 'untouched' },
  );
}

/** As long as a system takes to give a board its serial port after it has seen the board. */
const ttyTimeoutMs = 3000;

/**
 * The board in Katapult, on a port or the only one, with its serial port; throws as `requireBoard` does. Opening it
 * shows what is missing.
 */
export async function requireKatapult(
  io: Pick<CliIo, 'emit' | 'signal'>,
  watch: DeviceWatch,
  port: PlaceId | undefined,
): Promise<PresentDevice> {
  const present = requireBoard(io, watch, port, ['katapult']);
  const { place } = present;
  const hasTty = (now: DeviceWatch): true | null =>
    typeof now.at(place)?.device.tty === 'string' ? true : null;
  await watch.waitFor(hasTty, { timeoutMs: ttyTimeoutMs, signal: io.signal });
  return present;
}
