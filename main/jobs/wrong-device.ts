import { type PlaceId, placeWords } from '../../app/place.ts';
import { foreignKind, foreignWords } from '../../app/boards/foreign-device.ts';
import type { BoardMode } from '../../app/boards/board-mode.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError, type BoardState } from '../../app/errors.ts';

/** `device/wrong-mode` for a device at a place that is not a board: says what it is, if known. */
export function wrongDevice(device: UsbDevice, place: PlaceId, state: BoardState): CanopusError {
  const kind = foreignKind(device);
  const message =
    kind === null
      ? `The device on ${placeWords(place)} is neither in DFU, nor BOOTSEL, nor Katapult, nor Klipper.`
      : `${placeWords(place)}: ${foreignWords[kind].text}`;
  return new CanopusError('device/wrong-mode', message, { place, mode: 'unknown', foreign: kind }, { state });
}

/** A board in a mode from which its order cannot continue. */
interface WrongMode {
  readonly place: PlaceId;
  readonly mode: BoardMode;
  readonly wanted: BoardMode | null;
  readonly state: BoardState;
}

export function wrongMode(message: string, { state, ...details }: WrongMode): CanopusError {
  return new CanopusError('device/wrong-mode', message, details, { state });
}

/** `device/not-found` for an empty place; without `state` the run adds it. */
export function nothingAt(place: PlaceId, left: { readonly state?: BoardState } = {}): CanopusError {
  return new CanopusError(
    'device/not-found',
    `Nothing is plugged into ${placeWords(place)}.`,
    { place },
    left,
  );
}
