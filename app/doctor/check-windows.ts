import { placeWords } from '../place.ts';
import type { DeviceDriver } from '../boards/device-driver.ts';
import type { HostCheck } from './host-check.ts';
import type { BoardAccess, HostFacts } from './host-facts.ts';

const zadig = 'Start Zadig (zadig.akeo.ie)';

/** WinUSB for boards in DFU: without it nothing can be written. */
export function checkWinUsb({ boards, platform }: HostFacts): HostCheck | null {
  if (platform !== 'win32') return null;
  const inDfu = boards.filter(({ mode }) => mode === 'dfu');
  const without = inDfu.filter(({ access }) => !access.ok);
  const isWrong = without.length > 0;
  return {
    id: 'winusb',
    question: 'Is WinUSB bound to the boards in DFU?',
    verdict: isWrong ? 'wrong' : inDfu.length > 0 ? 'fine' : 'unknown',
    answer: inDfu.length > 0 ? listDrivers(inDfu) : 'Shows only when a board is plugged in in DFU.',
    why: 'Windows has no built-in driver for DFU.',
    fix:
      isWrong || inDfu.length === 0
        ? {
            text: `Once per computer: with the board in DFU. ${zadig}, Options, List All Devices, choose "STM32 BOOTLOADER", WinUSB, Replace Driver, then plug the board in again.`,
            command: null,
          }
        : null,
  };
}

/** WinUSB for the boot ROM of an RP2040; an RP2350 asks Windows for it. Shown only while there is such a board. */
export function checkBootRomDriver({ boards, platform }: HostFacts): HostCheck | null {
  const inBootsel = boards.filter(({ mode }) => mode === 'bootsel');
  if (platform !== 'win32' || inBootsel.length === 0) return null;
  const isWrong = inBootsel.some(({ access }) => !access.ok);
  return {
    id: 'winusb-bootsel',
    question: 'Is WinUSB bound to the boards in BOOTSEL?',
    verdict: isWrong ? 'wrong' : 'fine',
    answer: listDrivers(inBootsel),
    why: 'Windows shows the drive of an RP2040, but has no built-in driver for its PICOBOOT interface.',
    fix: isWrong
      ? {
          text: `Once per computer: with the board in BOOTSEL. ${zadig}, Options, List All Devices, choose "RP2 Boot (Interface 1)", WinUSB, Install Driver, then plug the board in again with BOOT held. Leave interface 0 as it is.`,
          command: null,
        }
      : null,
  };
}

/** A bridge without a driver works, but needs the double tap. */
export function checkBridgeDriver({ boards, platform }: HostFacts): HostCheck | null {
  if (platform !== 'win32') return null;
  const bridges = boards.filter(({ mode }) => mode === 'can-bridge');
  const [without] = bridges.filter(({ access }) => !access.ok);
  return {
    id: 'winusb-bridge',
    question: 'Can a running bridge be asked for Katapult?',
    verdict: without !== undefined ? 'look' : bridges.length > 0 ? 'fine' : 'unknown',
    answer: bridges.length > 0 ? listDrivers(bridges) : 'Shows only when a bridge is plugged in.',
    why: 'Needed only to flash a running bridge again without touching it. Flashing a board for the first time, Katapult and the serial port need no driver.',
    fix:
      without === undefined
        ? null
        : {
            text: `Nothing has to be installed: press reset twice to start Katapult. Or, once per computer: ${zadig}, Options, List All Devices, choose ${nameInZadig(without)} (USB ID 1D50 606F), WinUSB, Install Driver.`,
            command: null,
          },
  };
}

/** Without Windows' own list a board without a driver is invisible, which looks like a bad cable. */
export function checkDeviceTree({ deviceTree }: HostFacts): HostCheck | null {
  if (deviceTree === null) return null;
  return {
    id: 'device-tree',
    question: "Can Windows' list of devices be read?",
    verdict: deviceTree ? 'fine' : 'look',
    answer: deviceTree ? 'Yes.' : 'No: PowerShell could not be started, or did not list them.',
    why: 'A board without a driver appears only in that list; without it a running bridge seems to be missing.',
    fix: deviceTree
      ? null
      : {
          text: 'Allow Windows PowerShell for this user, or bind WinUSB to the boards with Zadig.',
          command: null,
        },
  };
}

function listDrivers(boards: readonly BoardAccess[]): string {
  return boards
    .map(({ place, driver, access }) => `${placeWords(place)}: ${wordsOf(driver, access.ok)}.`)
    .join(' ');
}

function wordsOf(driver: DeviceDriver | null, mayOpen: boolean): string {
  if (driver === null) return mayOpen ? 'yes' : 'no; which driver it has could not be read';
  const name = driver.service ?? 'unnamed';
  switch (driver.kind) {
    case 'none':
      return 'no driver';
    case 'winusb':
    case 'libusbk':
    case 'libusb0':
      return mayOpen ? `yes, ${name}` : `${name}, but a program has it open`;
    case 'st':
      return `ST's own driver (${name}), which only ST's tools can use`;
    case 'serial':
      return `Windows' driver for serial ports (${name})`;
    case 'other':
      return driver.provider === null
        ? `another driver (${name})`
        : `a driver of ${driver.provider} (${name})`;
  }
}

function nameInZadig({ product }: BoardAccess): string {
  return product === null ? 'the bridge' : `"${product}"`;
}
