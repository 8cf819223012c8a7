import { placeWords } from '../place.ts';
import { refusedDevice } from '../boards/refused-device.ts';
import { errorTable } from '../errors/error-table.ts';
import type { Surface } from '../errors/error-row.ts';
import { nextStep } from '../errors/next-step.ts';
import type { HostCheck } from './host-check.ts';
import type { HostFacts, UdevFacts } from './host-facts.ts';

export const udevRuleName = '70-canopus.rules';
const triggers = 'sudo udevadm trigger --subsystem-match=usb --subsystem-match=tty --action=change';

/** Installs the rule, makes udev read it and applies it to plugged-in devices. */
function udevInstallCommand({ ruleFile }: UdevFacts): string {
  const quoted = `'${ruleFile.replaceAll("'", `'\\''`)}'`;
  return `sudo install -m 644 ${quoted} /etc/udev/rules.d/${udevRuleName} && sudo udevadm control --reload && ${triggers}`;
}

export function checkUsb({ hasUsb }: HostFacts): HostCheck | null {
  if (hasUsb === null) return null;
  return {
    id: 'usb',
    question: 'Does this computer show its USB devices?',
    verdict: hasUsb ? 'fine' : 'wrong',
    answer: hasUsb ? 'Yes.' : 'The kernel shows no USB at all: /sys/bus/usb does not exist.',
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
          text: 'Run this once in a terminal; it also applies to boards that are plugged in.',
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
  const known = boards.filter(({ mode }) => mode !== 'unknown');
  // Windows' drivers have their own checks; a bridge without one is no obstacle.
  const isDriver = (code: string): boolean => platform === 'win32' && code === 'link/no-driver';
  const refused = known.flatMap(({ place, mode, access }) =>
    access.ok || isDriver(access.code)
      ? []
      : [{ place, code: access.code, details: { device: refusedDevice(mode) } }],
  );
  const withoutDriver = known.filter(
    ({ mode, access }) => (mode === 'dfu' || mode === 'bootsel') && !access.ok && isDriver(access.code),
  );
  const [first] = refused;
  const isWrong = first !== undefined || withoutDriver.length > 0;
  return {
    id: 'access',
    question: 'Can the boards that are plugged in be opened?',
    verdict: isWrong ? 'wrong' : known.length === 0 ? 'unknown' : 'fine',
    answer: isWrong
      ? [
          ...refused.map(({ place, code }) => `${placeWords(place)}: ${errorTable[code].title}.`),
          ...withoutDriver.map(({ place }) => `${placeWords(place)}: ${errorTable['link/no-driver'].title}.`),
        ].join(' ')
      : known.length === 0
        ? 'None is plugged in.'
        : known.length === 1
          ? 'Yes.'
          : `Yes, all ${known.length}.`,
    why: 'What cannot be opened cannot be flashed.',
    fix:
      first === undefined
        ? null
        : {
            text: nextStep(first.code, { surface, system: platform, details: first.details }),
            command: null,
          },
  };
}
