import { type PlaceId, placeWords } from './place.ts';
import type { BoardMode } from './boards/board-mode.ts';
import type { BuildPhase } from './build/build-event.ts';
import type { Phase } from './flash/flash-event.ts';
import type { Ask, RunStep } from './flash/run-step.ts';
import type { RunKind } from './history/run-record.ts';
import { partWords } from './image/image-parts.ts';
import type { searchStages } from './rescue/crystal-search.ts';
import type { Sight } from './rescue/sight.ts';

/**
 * The words for the modes of a board and for the work on it, one each. The window, the command line, notifications,
 * reports and labels all use these.
 */

/** What runs on a board. */
export const modeWords = {
  dfu: 'DFU',
  bootsel: 'BOOTSEL',
  katapult: 'Katapult',
  'klipper-serial': 'Klipper on USB serial',
  'can-bridge': 'USB-to-CAN bridge',
  unknown: 'Other USB device',
} as const satisfies Readonly<Record<BoardMode, string>>;

/** What a flasher is doing. */
export const phaseWords = {
  connect: 'Connecting',
  check: 'Checking',
  backup: 'Saving the old flash',
  unprotect: 'Removing the read protection',
  erase: 'Erasing',
  write: 'Writing',
  verify: 'Reading back',
  leave: 'Starting the firmware',
} as const satisfies Readonly<Record<Phase, string>>;

/** The parts of a run. */
export const stepWords = {
  'install-katapult': 'Katapult through DFU',
  'install-picoboot': 'Katapult through BOOTSEL',
  'enter-katapult': 'Asking Klipper for its bootloader',
  'install-klipper': 'Klipper through Katapult',
  restore: 'Backup through DFU',
  done: 'Done',
} as const satisfies Readonly<Record<RunStep | 'done', string>>;

/** What a step writes, shown in front of its phase; null if it writes nothing. */
const written: Readonly<Record<RunStep, string | null>> = {
  'install-katapult': partWords.bootloader,
  'install-picoboot': partWords.bootloader,
  'enter-katapult': null,
  'install-klipper': partWords.application,
  restore: 'Backup',
};

/** A phase with its firmware: `Katapult: Reading back`. For a step or phase of another version, its name. */
export function phaseOfStep(step: string | null, phase: string): string {
  const words: Readonly<Record<string, string>> = phaseWords;
  const names: Readonly<Record<string, string | null>> = written;
  const about = step === null ? null : (names[step] ?? null);
  const name = words[phase] ?? phase;
  return about === null ? name : `${about}: ${name}`;
}

/** What a person is asked to do; the work continues when it sees the result. */
export const askWords = {
  'remove-jumper': {
    title: 'Take the BOOT0 jumper off',
    text: 'Power the board off completely, take the BOOT0 jumper off, then power it on again. Nothing else to press.',
  },
  'press-reset': {
    title: 'Press reset once',
    text: 'The board is not back yet. Check its power and the USB cable, then press reset once.',
  },
  'double-tap': {
    title: 'Press reset twice',
    text: 'The running bridge cannot be asked for Katapult. Press its reset button twice, as fast as a double click: Katapult starts, and the work continues automatically.',
  },
  'back-to-dfu': {
    title: 'Press reset with BOOT0 on',
    text: 'Leave the BOOT0 jumper on, or put it back on, and press reset once. Then the next crystal is tried.',
  },
  'wake-katapult': {
    title: 'Press reset twice',
    text: 'Take the BOOT0 jumper off, then press reset twice, as fast as a double click: Katapult starts, and Klipper is written for its crystal.',
  },
} as const satisfies Readonly<Record<Ask, { readonly title: string; readonly text: string }>>;

/** How a surface names the watched port, and where it sends a person who lacks a driver. */
interface SightPlace {
  readonly board: string;
  readonly port: string;
  readonly doctor: string;
}

/** For the window, which shows one board at a time beside these words. */
export const sightInWindow: SightPlace = { board: 'The board', port: 'the port', doctor: 'Doctor' };

export function sightInTerminal(place: PlaceId): SightPlace {
  const port = placeWords(place);
  return { board: `The board on ${port}`, port, doctor: '"canopus doctor"' };
}

/** What a port shows of a board that was started and should appear. */
export const sightWords = {
  'left-usb': ({ board }) => `${board} left USB: it lost power or was reset.`,
  'dfu-again': ({ board }) => `${board} is in DFU again: its BOOT0 jumper is still on.`,
  unreadable: ({ port }, builtForHz) =>
    `Something is on ${port} but cannot be read: a bad cable, or ${otherCrystal(builtForHz)}.`,
  silent: ({ port }, builtForHz) =>
    `Nothing shows on ${port}. Check the power, the USB cable (some carry no data) and BOOT0 (off), then press ` +
    `reset once. If all of that is right, the board may have ${otherCrystal(builtForHz)}.`,
  'no-serial-port': ({ board, doctor }) =>
    `${board} is there, but its serial port is missing. ${doctor} shows why.`,
} as const satisfies Readonly<Record<Sight, (place: SightPlace, builtForHz: number | null) => string>>;

/** The progress of the search for a board's crystal. */
export const searchWords = {
  try: (crystalHz) => `Trying a crystal of ${mhz(crystalHz)}`,
  silent: (crystalHz) => `Not ${mhz(crystalHz)}: the board stayed silent`,
  found: (crystalHz) => `Found: the board has a crystal of ${mhz(crystalHz)}`,
  build: (crystalHz) => `Building firmware for ${mhz(crystalHz)}`,
} as const satisfies Readonly<Record<(typeof searchStages)[number], (crystalHz: number) => string>>;

function otherCrystal(builtForHz: number | null): string {
  return builtForHz === null
    ? 'a different crystal from the one the firmware was built for'
    : `a different crystal from the ${mhz(builtForHz)} that the firmware was built for`;
}

function mhz(crystalHz: number): string {
  return `${crystalHz / 1e6} MHz`;
}

/** Kinds of runs in the history. */
export const runKindWords = {
  'flash-board': 'Full set-up of a bridge',
  'install-katapult': 'Katapult alone',
  'install-klipper': stepWords['install-klipper'],
  restore: 'Backup restored',
} as const satisfies Readonly<Record<RunKind, string>>;

/** What a build is doing, after the name of its firmware. */
export const buildPhaseWords = {
  source: 'getting the sources',
  toolchain: 'looking for the compiler',
  configure: 'configuring',
  wait: 'waiting for the same build elsewhere',
  compile: 'compiling',
  inspect: 'inspecting the image',
  store: 'storing the image',
} as const satisfies Readonly<Record<BuildPhase, string>>;

/** What is said of an imported bundle. */
export const signerWords = {
  known: 'The bundle is signed by the makers of Canopus.',
  unknown: 'The bundle is signed, but not by the makers of Canopus: use it only if you know who made it.',
  none: 'The bundle is not signed: nothing proves who made it.',
} as const;
