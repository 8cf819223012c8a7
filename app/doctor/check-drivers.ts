import { refusedDevice } from '../boards/refused-device.ts';
import { errorTable } from '../errors/error-table.ts';
import type { Surface } from '../errors/error-row.ts';
import { nextStep } from '../errors/next-step.ts';
import type { HostCheck } from './host-check.ts';
import type { HostFacts, UdevFacts } from './host-facts.ts';

export const udevRuleName = '70-canopus.rules';
const triggers = 'sudo udevadm trigger --subsystem-match=usb --subsystem-match=tty --action=change';

/** Puts the rule in place, makes udev read it and applies it to what is plugged in. */
export function udevInstallCommand({ ruleFile }: UdevFacts): string {
  const quoted = `'${ruleFile.replaceAll("'", `'\\''`)}'`;
  return `sudo install -m 644 ${quoted} /etc/udev/rules.d/${udevRuleName} && sudo udevadm control --reload && ${triggers}`;
}

export function checkUsb({ hasUsb }: HostFacts): HostCheck | null {
  if (hasUsb === null) return null;
  return {
    id: 'usb',
    question: 'Does this computer show its USB devices?',
    verdict: hasUsb ? 'fine' : 'wrong',
    answer: hasUsb ? 'Yes.' : 'The kernel shows no USB at all: /sys/bus/usb is not there.',
    why: 'Boards are found through USB.',
    fix: hasUsb
      ? null
      : {
          text: 'A container or virtual machine needs the USB bus passed through to it; otherwise run Canopus on the computer itself.',
          command: null,
        },
  };
}

export function checkRules({ udev }: HostFacts): HostCheck | null {
  if (udev === null) return null;
  const { installed } = udev;
  const isCurrent = installed?.isCurrent === true;
  return {
    id: 'udev-rules',
    question: 'May this user talk to boards without root?',
    verdict: isCurrent ? 'fine' : installed === null ? 'wrong' : 'look',
    answer:
      installed === null
        ? 'The udev rule is not installed.'
        : isCurrent
          ? `Yes, by ${installed.path}.`
          : `${installed.path} is not the rule of this version.`,
    why: 'Linux keeps USB devices for root unless a rule gives them to the person at the computer.',
    fix: isCurrent
      ? null
      : {
          text: 'Run this once in a terminal; boards that are plugged in are taken along.',
          command: udevInstallCommand(udev),
        },
  };
}

export function checkModemManager({ modemManagerRuns, udev }: HostFacts): HostCheck | null {
  if (modemManagerRuns === null) return null;
  const isKeptAway = udev !== null && udev.installed !== null;
  return {
    id: 'modem-manager',
    question: 'Does another program grab the serial ports of boards?',
    verdict: !modemManagerRuns || isKeptAway ? 'fine' : 'wrong',
    answer: !modemManagerRuns
      ? 'ModemManager does not run.'
      : isKeptAway
        ? 'ModemManager runs; the udev rule keeps it away from boards.'
        : 'ModemManager runs and opens every new serial port to see whether it is a modem.',
    why: 'What it sends confuses Katapult in the middle of a write.',
    fix:
      !modemManagerRuns || isKeptAway
        ? null
        : { text: 'Install the udev rule above: it tells ModemManager to ignore boards.', command: null },
  };
}

export function checkAccess({ boards, platform }: HostFacts, surface: Surface): HostCheck {
  const refused = boards.flatMap(({ portPath, mode, access }) =>
    access.ok ? [] : [{ portPath, code: access.code, details: { device: refusedDevice(mode) } }],
  );
  const [first] = refused;
  return {
    id: 'access',
    question: 'Can the boards that are plugged in be opened?',
    verdict: first !== undefined ? 'wrong' : boards.length === 0 ? 'unknown' : 'fine',
    answer:
      first === undefined
        ? boards.length === 0
          ? 'None is plugged in.'
          : boards.length === 1
            ? 'Yes.'
            : `Yes, all ${boards.length}.`
        : refused.map(({ portPath, code }) => `Port ${portPath}: ${errorTable[code].title}.`).join(' '),
    why: 'What cannot be opened cannot be flashed.',
    fix:
      first === undefined || (platform === 'win32' && first.code === 'link/no-driver')
        ? null
        : {
            text: nextStep(first.code, { surface, system: platform, details: first.details }),
            command: null,
          },
  };
}

export function checkWinUsb({ boards, platform }: HostFacts): HostCheck | null {
  if (platform !== 'win32') return null;
  const inDfu = boards.filter(({ mode }) => mode === 'dfu');
  const without = inDfu.filter(({ access }) => !access.ok);
  return {
    id: 'winusb',
    question: 'Is WinUSB bound to the ROM bootloader?',
    verdict: without.length > 0 ? 'wrong' : inDfu.length > 0 ? 'fine' : 'unknown',
    answer:
      without.length > 0
        ? `Not for the board on port ${without.map(({ portPath }) => portPath).join(', ')}.`
        : inDfu.length > 0
          ? 'Yes.'
          : 'Shows only when a board is plugged in in DFU.',
    why: 'Windows has no driver of its own for DFU. Katapult and Klipper need none.',
    fix:
      without.length > 0 || inDfu.length === 0
        ? {
            text: 'Once per computer: with the board in DFU start Zadig (zadig.akeo.ie), Options, List All Devices, choose "STM32 BOOTLOADER", WinUSB, Replace Driver, then plug the board in again.',
            command: null,
          }
        : null,
  };
}
