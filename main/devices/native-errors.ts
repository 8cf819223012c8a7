import type { RefusedDevice } from '../../app/boards/refused-device.ts';
import { CanopusError, type ErrorCode, type ErrorDetails } from '../../app/errors.ts';
import type { System } from '../../app/system.ts';

export type Platform = System;

/** The platform this process runs on. */
export const hostPlatform: Platform =
  process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';

/** What was attempted when the error came: the same number means different things for opening and for transfers. */
export type NativeAction = 'open' | 'claim' | 'transfer';

interface NativeContext {
  readonly platform: Platform;
  readonly action: NativeAction;
  /** The device, for the message: `0483:df11 at 1-4`, `/dev/ttyACM0`. */
  readonly label: string;
  /** Decides the next step if the system refuses; known for a serial port. */
  readonly device?: RefusedDevice;
}

interface Meaning {
  readonly code: ErrorCode;
  /** Continues "LABEL: ". */
  readonly text: string;
  /** More than the label, if the next step depends on it. */
  readonly details?: ErrorDetails;
}

/** libusb.h, enum libusb_error (negative) and enum libusb_transfer_status (positive). */
export const libusbNames: ReadonlyMap<number, string> = new Map([
  [-1, 'LIBUSB_ERROR_IO'],
  [-2, 'LIBUSB_ERROR_INVALID_PARAM'],
  [-3, 'LIBUSB_ERROR_ACCESS'],
  [-4, 'LIBUSB_ERROR_NO_DEVICE'],
  [-5, 'LIBUSB_ERROR_NOT_FOUND'],
  [-6, 'LIBUSB_ERROR_BUSY'],
  [-7, 'LIBUSB_ERROR_TIMEOUT'],
  [-8, 'LIBUSB_ERROR_OVERFLOW'],
  [-9, 'LIBUSB_ERROR_PIPE'],
  [-10, 'LIBUSB_ERROR_INTERRUPTED'],
  [-11, 'LIBUSB_ERROR_NO_MEM'],
  [-12, 'LIBUSB_ERROR_NOT_SUPPORTED'],
  [-99, 'LIBUSB_ERROR_OTHER'],
  [1, 'LIBUSB_TRANSFER_ERROR'],
  [2, 'LIBUSB_TRANSFER_TIMED_OUT'],
  [3, 'LIBUSB_TRANSFER_CANCELLED'],
  [4, 'LIBUSB_TRANSFER_STALL'],
  [5, 'LIBUSB_TRANSFER_NO_DEVICE'],
  [6, 'LIBUSB_TRANSFER_OVERFLOW'],
]);

const gone: Meaning = { code: 'link/gone', text: 'the device is gone' };
const stall: Meaning = { code: 'link/stall', text: 'the device refused the request' };
const timeout: Meaning = { code: 'link/timeout', text: 'the device did not reply in time' };
const overflow: Meaning = { code: 'link/protocol', text: 'the device sent more than requested' };
const cancelled: Meaning = { code: 'cancelled', text: 'the transfer was cancelled' };

const noWinUsb: Meaning = {
  code: 'link/no-driver',
  text: 'Windows has no WinUSB driver bound to the device',
};
const otherWindowsDriver: Meaning = {
  code: 'link/no-driver',
  text: "Windows does not release the device: another driver (such as ST's STTub) is bound to it or a program has it open",
  details: { driver: 'held' },
};

const refused: Readonly<Record<Platform, Meaning>> = {
  linux: {
    code: 'link/access',
    text: 'Linux gives this user no permission for the USB device',
  },
  darwin: {
    code: 'link/access',
    text: 'macOS does not give this program the device; another driver or program holds it',
  },
  win32: otherWindowsDriver,
};

const busy: Meaning = { code: 'link/busy', text: 'another program has opened the USB device' };

function libusbMeaning(errno: number, { platform, action }: NativeContext): Meaning {
  switch (errno) {
    case -3:
      return refused[platform];
    case -4:
    case 5:
      return gone;
    case -5:
      // On Windows this also means a device without a usable driver; elsewhere, that the device is gone.
      if (action === 'open') return platform === 'win32' ? noWinUsb : gone;
      return { code: 'link/protocol', text: 'the device has no such interface or endpoint' };
    case -6:
      return busy;
    case -7:
    case 2:
      return timeout;
    case -8:
    case 6:
      return overflow;
    case -9:
    case 4:
      return stall;
    case -12:
      if (platform === 'win32') return noWinUsb;
      break;
    case 3:
      return cancelled;
  }
  return { code: 'link/io', text: 'the USB transfer failed' };
}

const serialBusy: Meaning = { code: 'link/busy', text: 'another program has the serial port open' };

const serialRefused: Readonly<Record<Platform, Meaning>> = {
  linux: {
    code: 'link/access',
    text: 'Linux gives this user no permission for the serial port',
  },
  darwin: { code: 'link/access', text: 'macOS gives this user no permission for the serial port' },
  // Windows says "access denied" for a port that is open in another program: COM ports have no permissions of their
  // own.
  win32: serialBusy,
};

function serialMeaning(code: string, { platform, action }: NativeContext): Meaning {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return serialRefused[platform];
    case 'EBUSY':
    case 'EAGAIN':
    case 'EWOULDBLOCK':
      return serialBusy;
    case 'ENOENT':
    case 'ENXIO':
    case 'ENODEV':
    case 'EBADF':
      return gone;
    case 'EIO':
      // The kernel's error for a port whose device was pulled out.
      if (action === 'transfer') return gone;
      break;
  }
  return { code: 'link/io', text: 'the serial port failed' };
}

function described(meaning: Meaning, name: string, context: NativeContext, cause: unknown): CanopusError {
  const { label, platform, device } = context;
  return new CanopusError(
    meaning.code,
    `${label}: ${meaning.text} (${name}).`,
    { label, native: name, platform, ...(device === undefined ? {} : { device }), ...meaning.details },
    { cause },
  );
}

/**
 * A libusb error or transfer status as a station error. Its details, for `nextStep`, hold the system, the device and,
 * if known, the driver; `details.native` is libusb's own name.
 */
export function libusbError(errno: number, context: NativeContext, cause?: unknown): CanopusError {
  return described(
    libusbMeaning(errno, context),
    libusbNames.get(errno) ?? `libusb ${errno}`,
    context,
    cause,
  );
}

/** An error of a serial port, by its `errno` name (`EACCES`), as a station error. Details as in `libusbError`. */
export function serialError(code: string, context: NativeContext, cause?: unknown): CanopusError {
  return described(serialMeaning(code, context), code, { device: 'serial', ...context }, cause);
}

/** The `errno` that the usb module threw or called back with; null if it is not a libusb error. */
export function libusbErrno(error: unknown): number | null {
  if (!(error instanceof Error) || !('errno' in error)) return null;
  return typeof error.errno === 'number' ? error.errno : null;
}

/** The name that Node gives a failed system call; null for any other error. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
