import { type PlaceId, placeWords } from '../../app/place.ts';
import { boardMode } from '../../app/boards/board-mode.ts';
import { CanopusError, isCanopusError } from '../../app/errors.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { boundTo } from '../devices/windows/no-driver.ts';
import type { PresentDevice } from './device-watch.ts';
import type { JobServices } from './job-services.ts';

interface DoubleTapOptions {
  readonly place: PlaceId;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Tells a person what to do; called again if the board came back unchanged. */
  readonly ask: () => void;
  /** The board as it next arrives on its port, usable; null if it did not within the time. */
  readonly waitForReturn: (before: PresentDevice, timeoutMs: number) => Promise<PresentDevice | null>;
}

/** A running bridge that cannot be opened: a double tap of reset starts Katapult, which needs no driver. */
export function needsDoubleTap({ access }: UsbDevice): boolean {
  return !access.ok && access.code === 'link/no-driver';
}

/** Whether `error` means that a bridge cannot be asked by software, so that a person must act. */
export function isOnlyByHand(error: unknown): boolean {
  return isCanopusError(error, 'link/no-driver') || isCanopusError(error, 'katapult/not-entered');
}

/**
 * Waits until the running Klipper on a port was reset into something else, usually Katapult. Throws
 * `katapult/bridge-no-driver`, and `device/did-not-return` if nothing came back.
 */
export async function waitForDoubleTap(
  services: JobServices,
  present: PresentDevice,
  options: DoubleTapOptions,
): Promise<PresentDevice> {
  const { place, timeoutMs } = options;
  const mode = boardMode(present.device);
  const deadlineMs = services.clock.nowMs() + timeoutMs;
  options.ask();
  let last = present;
  for (;;) {
    const back = await options.waitForReturn(last, Math.max(0, deadlineMs - services.clock.nowMs()));
    if (back === null) break;
    if (boardMode(back.device) !== mode) return back;
    // Pressed once, or too slowly: Klipper started again.
    options.ask();
    last = back;
  }
  if (services.watch.at(place) === null) {
    throw new CanopusError('device/did-not-return', `No device came back on ${placeWords(place)}.`, {
      place,
    });
  }
  throw new CanopusError(
    'katapult/bridge-no-driver',
    `The bridge on ${placeWords(place)} cannot be asked for Katapult (${boundTo(present.device.driver)}), and reset was not pressed twice.`,
    { place },
    { state: 'untouched' },
  );
}
