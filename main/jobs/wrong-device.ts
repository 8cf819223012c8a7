import { foreignKind, foreignWords } from '../../app/boards/foreign-device.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { CanopusError, type BoardState } from '../../app/errors.ts';

/** `device/wrong-mode` for a device that is no board: says what it is, where that is known. */
export function wrongDevice(device: UsbDevice, state: BoardState): CanopusError {
  const { portPath } = device;
  const kind = foreignKind(device);
  const message =
    kind === null
      ? `The device on port ${portPath} is neither in DFU, nor Katapult, nor Klipper.`
      : `Port ${portPath}: ${foreignWords[kind].text}`;
  return new CanopusError(
    'device/wrong-mode',
    message,
    { portPath, mode: 'unknown', foreign: kind },
    { state },
  );
}
