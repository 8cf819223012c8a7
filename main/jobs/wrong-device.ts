import { type PlaceId, placeWords, usbPlace } from '../../app/place.ts';
import { foreignKind, foreignWords } from '../../app/boards/foreign-device.ts';
import type { BoardMode } from '../../app/boards/board-mode.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError, type BoardState } from '../../app/errors.ts';
import { partWords } from '../../app/image/image-parts.ts';
import { modeWords } from '../../app/words.ts';

/** `device/wrong-mode` for a device that is not a board: says what it is, if known. */
export function wrongDevice(device: UsbDevice, state: BoardState): CanopusError {
  const place = usbPlace(device.portPath);
  const kind = foreignKind(device);
  const message =
    kind === null
      ? `The device on ${placeWords(place)} is neither in DFU, nor Katapult, nor Klipper.`
      : `${placeWords(place)}: ${foreignWords[kind].text}`;
  return new CanopusError('device/wrong-mode', message, { place, mode: 'unknown', foreign: kind }, { state });
}

/** A board in a mode from which its order cannot continue. */
export interface WrongMode {
  readonly place: PlaceId;
  readonly mode: BoardMode;
  readonly wanted: BoardMode | null;
  readonly state: BoardState;
}

export function wrongMode(message: string, { state, ...details }: WrongMode): CanopusError {
  return new CanopusError('device/wrong-mode', message, details, { state });
}

/** The order has no image for the part that the board's bootloader writes. */
export function nothingToWrite(wrong: WrongMode): CanopusError {
  const { place, mode, wanted } = wrong;
  const [is, through] = [modeWords[mode], modeWords[wanted ?? 'unknown']];
  const what = mode === 'dfu' ? partWords.application : partWords.bootloader;
  return wrongMode(
    `The board on ${placeWords(place)} is in ${is}; ${what} is written through ${through}.`,
    wrong,
  );
}
