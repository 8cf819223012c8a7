import { modeWords } from '../../../app/words.ts';
import { boardMode, type BoardMode } from '../../../app/boards/board-mode.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { PresentDevice, DeviceWatch } from '../../jobs/device-watch.ts';
import { wrongDevice } from '../../jobs/wrong-device.ts';

/** The board on a port, in one of these modes; throws `device/not-found` or `device/wrong-mode`. */
export function requireBoard(
  watch: DeviceWatch,
  portPath: string,
  modes: readonly BoardMode[],
): PresentDevice {
  const present = watch.at(portPath);
  const details = { portPath, modes };
  if (present === null) {
    throw new CanopusError('device/not-found', `Nothing is plugged into port ${portPath}.`, details, {
      state: 'untouched',
    });
  }
  const mode = boardMode(present.device);
  if (modes.includes(mode)) return present;
  if (mode === 'unknown') throw wrongDevice(present.device, 'untouched');
  throw new CanopusError(
    'device/wrong-mode',
    `On port ${portPath}: ${modeWords[mode]}. This needs ${modes.map((each) => modeWords[each]).join(' or ')}.`,
    { ...details, mode, wanted: modes.join(' or ') },
    { state: 'untouched' },
  );
}

/** As long as a system takes to give a board its serial port after it has seen the board. */
const ttyTimeoutMs = 3000;

/** The board in Katapult on a port, with its serial port; throws as `requireBoard`. Opening it tells what is missing. */
export async function requireKatapult(
  watch: DeviceWatch,
  portPath: string,
  signal: AbortSignal,
): Promise<PresentDevice> {
  const present = requireBoard(watch, portPath, ['katapult']);
  const hasTty = (now: DeviceWatch): true | null =>
    typeof now.at(portPath)?.device.tty === 'string' ? true : null;
  await watch.waitFor(hasTty, { timeoutMs: ttyTimeoutMs, signal });
  return present;
}
