import { CanopusError, type ErrorCode } from '../../app/errors.ts';

/** The three systems that differ in what an error means; any other is taken for Linux. */
export type Platform = 'linux' | 'darwin' | 'win32';

/** The platform this process runs on. */
export const hostPlatform: Platform =
  process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';

/** What was tried when the error came: the same number means different things to open and to transfer. */
export type NativeAction = 'open' | 'claim' | 'transfer';

export interface NativeContext {
  readonly platform: Platform;
  readonly action: NativeAction;
  /** What was being talked to, for the message: `0483:df11 at 1-4`, `/dev/ttyACM0`. */
  readonly label: string;
}

interface Meaning {
  readonly code: ErrorCode;
  /** Continues "LABEL: ". */
  readonly text: string;
  /** What to do on this system, where the general next step of the code would leave questions. */
  readonly next?: string;
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

const gone: Meaning = { code: 'link/gone', text: 'the device is not there any more' };
const stall: Meaning = { code: 'link/stall', text: 'the device refused the request' };
const timeout: Meaning = { code: 'link/timeout', text: 'the device did not answer in time' };
const overflow: Meaning = { code: 'link/protocol', text: 'the device sent more than was asked for' };
const cancelled: Meaning = { code: 'cancelled', text: 'the transfer was cancelled' };

const noWinUsb: Meaning = {
  code: 'link/no-driver',
  text: 'Windows has no WinUSB driver bound to the device',
  next: 'Bind WinUSB to "STM32 BOOTLOADER" once, for example with Zadig, and plug the board in again.',
};
const otherWindowsDriver: Meaning = {
  code: 'link/no-driver',
  text: "Windows does not let go the device: another driver (such as ST's STTub) is bound to it or a program has it open",
  next: 'Close STM32CubeProgrammer and other flashing tools; if it stays, replace the driver of "STM32 BOOTLOADER" with WinUSB, for example with Zadig.',
};

/** The udev rules cover both the USB device and its serial port. */
const udevRules =
  'Copy resources/udev/70-canopus.rules to /etc/udev/rules.d/, run "sudo udevadm control --reload" and plug the board in again.';

const refused: Readonly<Record<Platform, Meaning>> = {
  linux: {
    code: 'link/access',
    text: 'Linux gives this user no permission for the USB device',
    next: udevRules,
  },
  darwin: {
    code: 'link/access',
    text: 'macOS does not let this program have the device; another driver or program holds it',
    next: 'Close virtual machines and other flashing tools, then plug the board in again.',
  },
  win32: otherWindowsDriver,
};

const busy: Readonly<Record<Platform, Meaning>> = {
  linux: {
    code: 'link/busy',
    text: 'another program has claimed the USB device',
    next: 'Close other flashing tools (dfu-util, a browser, a virtual machine) and repeat the step.',
  },
  darwin: {
    code: 'link/busy',
    text: 'another program has opened the USB device',
    next: 'Close other flashing tools and virtual machines and repeat the step.',
  },
  win32: {
    code: 'link/busy',
    text: 'another program has opened the USB device',
    next: 'Close STM32CubeProgrammer and other flashing tools and repeat the step.',
  },
};

function libusbMeaning(errno: number, { platform, action }: NativeContext): Meaning {
  switch (errno) {
    case -3:
      return refused[platform];
    case -4:
    case 5:
      return gone;
    case -5:
      // On Windows also what a device without a usable driver says; elsewhere opening finds no such device.
      if (action === 'open') return platform === 'win32' ? noWinUsb : gone;
      return { code: 'link/protocol', text: 'the device has no such interface or endpoint' };
    case -6:
      return busy[platform];
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

const serialBusy: Readonly<Record<Platform, Meaning>> = {
  linux: {
    code: 'link/busy',
    text: 'another program has the serial port open',
    next: 'Close serial monitors, OctoPrint, slicers and a Klipper host; stop ModemManager, or install resources/udev/70-canopus.rules, which keeps it away.',
  },
  darwin: {
    code: 'link/busy',
    text: 'another program has the serial port open',
    next: 'Close serial monitors, slicers and other flashing tools and repeat the step.',
  },
  win32: {
    code: 'link/busy',
    text: 'another program has the serial port open',
    next: 'Close serial monitors, slicers and other flashing tools and repeat the step.',
  },
};

const serialRefused: Readonly<Record<Platform, Meaning>> = {
  linux: {
    code: 'link/access',
    text: 'Linux gives this user no permission for the serial port',
    next: `${udevRules} Or add the user to the group that owns the port (dialout on Debian) and log in anew.`,
  },
  darwin: { code: 'link/access', text: 'macOS gives this user no permission for the serial port' },
  // Windows says "access denied" for a port that somebody has open: COM ports have no permissions of their own.
  win32: serialBusy.win32,
};

function serialMeaning(code: string, { platform, action }: NativeContext): Meaning {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return serialRefused[platform];
    case 'EBUSY':
    case 'EAGAIN':
    case 'EWOULDBLOCK':
      return serialBusy[platform];
    case 'ENOENT':
    case 'ENXIO':
    case 'ENODEV':
    case 'EBADF':
      return gone;
    case 'EIO':
      // What the kernel answers on a port whose device was pulled out.
      if (action === 'transfer') return gone;
      break;
  }
  return { code: 'link/io', text: 'the serial port failed' };
}

function described(meaning: Meaning, name: string, context: NativeContext, cause: unknown): CanopusError {
  const { label, platform } = context;
  return new CanopusError(
    meaning.code,
    `${label}: ${meaning.text} (${name}).`,
    { label, native: name, platform, ...(meaning.next === undefined ? {} : { next: meaning.next }) },
    { cause },
  );
}

/**
 * A libusb error or transfer status as the station names it. `details.next` is the step for this system where it
 * differs from the code's general one; `details.native` is libusb's own name.
 */
export function libusbError(errno: number, context: NativeContext, cause?: unknown): CanopusError {
  return described(
    libusbMeaning(errno, context),
    libusbNames.get(errno) ?? `libusb ${errno}`,
    context,
    cause,
  );
}

/** An error of a serial port by its `errno` name (`EACCES`), as the station names it. Details as `libusbError`. */
export function serialError(code: string, context: NativeContext, cause?: unknown): CanopusError {
  return described(serialMeaning(code, context), code, context, cause);
}

/** The `errno` of what the usb module threw or called back with; null when it is no libusb error. */
export function libusbErrno(error: unknown): number | null {
  if (!(error instanceof Error) || !('errno' in error)) return null;
  return typeof error.errno === 'number' ? error.errno : null;
}

/** The name that Node gives a failed system call; null when it is no such error. */
export function systemErrorCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
