import type { ErrorRows } from './error-row.ts';

/**
 * The next step if libusb itself cannot be loaded: on Linux and macOS, the only way a driver can be missing.
 */
const usbLibrary = {
  linux: 'Install libudev (libudev1 on Debian), then start Canopus again.',
  darwin: 'Install Canopus again: its USB library cannot be loaded.',
  win32: 'Install Canopus again: its USB library cannot be loaded.',
};

/** Links to devices: thrown where a native module or a virtual device is wrapped. */
export const linkErrors = {
  'link/stall': {
    title: 'The device refused a request',
    next: { window: 'Reset the board and try again.' },
    exit: 'failed',
  },
  'link/timeout': {
    title: 'The device did not reply in time',
    next: { window: 'Check the cable, connect without a hub, reset the board and try again.' },
    exit: 'failed',
  },
  'link/closed': {
    title: 'The connection was closed',
    next: { window: 'Try again.' },
    exit: 'failed',
  },
  'link/gone': {
    title: 'The device was unplugged',
    next: { window: 'Plug the board into the same port again, then repeat the step.' },
    exit: 'device',
  },
  'link/io': {
    title: 'The USB transfer failed',
    next: { window: 'Try another cable or another port, then repeat the step.' },
    exit: 'failed',
  },
  'link/access': {
    title: 'No permission to open the device',
    next: {
      window: {
        linux:
          'Install the udev rules: Settings shows the command under "This computer". Then plug the board in again.',
        darwin: 'Close virtual machines and other flashing tools, then plug the board in again.',
        win32: 'Close other flashing tools, then plug the board in again.',
      },
      terminal: {
        linux:
          'Install the udev rules with the command that "canopus doctor" prints. Then plug the board in again.',
        darwin: 'Close virtual machines and other flashing tools, then plug the board in again.',
        win32: 'Close other flashing tools, then plug the board in again.',
      },
    },
    cases: [
      {
        when: { on: 'pi' },
        window:
          'Allow the work to be done as root, or give the user on the Pi the right to open the device. Then try again.',
      },
      {
        when: { device: 'serial' },
        window: {
          linux:
            'Install the udev rules: Settings shows the command under "This computer". Or add your user to the group that owns the port (dialout on Debian) and log in again.',
          darwin: 'Close serial monitors and other flashing tools, then plug the board in again.',
          win32: 'Close serial monitors and other flashing tools, then plug the board in again.',
        },
        terminal: {
          linux:
            'Install the udev rules with the command that "canopus doctor" prints. Or add your user to the group that owns the port (dialout on Debian) and log in again.',
          darwin: 'Close serial monitors and other flashing tools, then plug the board in again.',
          win32: 'Close serial monitors and other flashing tools, then plug the board in again.',
        },
      },
    ],
    exit: 'failed',
  },
  'link/busy': {
    title: 'Another program is using the device',
    next: {
      window: {
        linux: 'Close other flashing tools (dfu-util, a browser, a virtual machine), then try again.',
        darwin: 'Close other flashing tools and virtual machines, then try again.',
        win32: 'Close STM32CubeProgrammer and other flashing tools, then try again.',
      },
    },
    cases: [
      {
        when: { on: 'pi' },
        window: 'Stop what uses it on the Pi: Klipper, a flashing tool, a serial monitor. Then try again.',
      },
      {
        when: { device: 'serial' },
        window: {
          linux:
            'Close serial monitors, OctoPrint, slicers and Klipper on this computer. If ModemManager runs, install the udev rules, which keep it away: Settings shows the command under "This computer".',
          darwin: 'Close serial monitors, slicers and other flashing tools, then try again.',
          win32: 'Close serial monitors, slicers and other flashing tools, then try again.',
        },
        terminal: {
          linux:
            'Close serial monitors, OctoPrint, slicers and Klipper on this computer. If ModemManager runs, install the udev rules, which keep it away: "canopus doctor" prints the command.',
          darwin: 'Close serial monitors, slicers and other flashing tools, then try again.',
          win32: 'Close serial monitors, slicers and other flashing tools, then try again.',
        },
      },
    ],
    exit: 'failed',
  },
  'link/no-driver': {
    title: 'The driver is missing',
    next: {
      window: {
        ...usbLibrary,
        win32: 'Bind WinUSB to the device with Zadig, then plug the board in again.',
      },
    },
    cases: [
      { when: { device: 'library' }, window: usbLibrary },
      {
        when: { device: 'serial-library' },
        window: 'Install Canopus again: its library for serial ports cannot be loaded.',
      },
      {
        when: { device: 'dfu', driver: 'held' },
        window: {
          ...usbLibrary,
          win32:
            'Close STM32CubeProgrammer and other flashing tools. If that does not help, replace the driver of "STM32 BOOTLOADER" with WinUSB in Zadig (Options, List All Devices), then plug the board in again.',
        },
      },
      {
        when: { device: 'dfu' },
        window: {
          ...usbLibrary,
          win32:
            'Bind WinUSB to "STM32 BOOTLOADER" with Zadig (Options, List All Devices), then plug the board in again. Once per computer is enough.',
        },
      },
      {
        when: { device: 'bootsel' },
        window: {
          ...usbLibrary,
          win32:
            'Bind WinUSB to "RP2 Boot (Interface 1)" with Zadig (Options, List All Devices), then plug the board in again with BOOT held. Interface 0 is its drive: leave that as it is. Once per computer is enough.',
        },
      },
      {
        when: { device: 'bridge' },
        window: {
          ...usbLibrary,
          win32:
            'Press reset twice within half a second: Katapult starts, which needs no driver. Or bind WinUSB to the bridge (USB ID 1D50 606F) with Zadig and plug the board in again.',
        },
      },
    ],
    exit: 'failed',
  },
  'link/protocol': {
    title: 'The device sent something unexpected',
    next: { window: 'Reset the board and try again. If it happens again, report it with the log.' },
    exit: 'failed',
  },
} satisfies ErrorRows;
