import type { BoardMode } from './boards/board-mode.ts';
import type { BuildPhase } from './build/build-event.ts';
import type { Phase } from './flash/flash-event.ts';
import type { RunStep } from './history/run-progress.ts';
import type { RunKind } from './history/run-record.ts';

/**
 * What a person reads for the modes of a board and for the work on it: one word each, wherever it is read. The window,
 * the command line, notifications, reports and labels all take theirs from here.
 */

/** What runs on a board. */
export const modeWords = {
  dfu: 'DFU',
  katapult: 'Katapult',
  'klipper-serial': 'Klipper on USB serial',
  'can-bridge': 'USB-to-CAN bridge',
  unknown: 'Other USB device',
} as const satisfies Readonly<Record<BoardMode, string>>;

/** What a flasher is busy with. */
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
  'enter-katapult': 'Asking Klipper for its bootloader',
  'install-klipper': 'Klipper through Katapult',
  restore: 'Flash as it was, through DFU',
  done: 'Done',
} as const satisfies Readonly<Record<RunStep | 'done', string>>;

/** What is written in a step, in front of its phase; null where nothing is. */
const written: Readonly<Record<RunStep, string | null>> = {
  'install-katapult': 'Katapult',
  'enter-katapult': null,
  'install-klipper': 'Klipper',
  restore: 'Backup',
};

/** A phase with what it is about: `Katapult: Reading back`. Of a step or phase of another version, its name. */
export function phaseOfStep(step: string | null, phase: string): string {
  const words: Readonly<Record<string, string>> = phaseWords;
  const names: Readonly<Record<string, string | null>> = written;
  const about = step === null ? null : (names[step] ?? null);
  const name = words[phase] ?? phase;
  return about === null ? name : `${about}: ${name}`;
}

/** What a person is asked to do; the work goes on by itself when it sees the result. */
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
    text: 'The running bridge cannot be asked for Katapult. Press its reset button twice, as fast as a double click: Katapult starts, and the work goes on by itself.',
  },
  'back-to-dfu': {
    title: 'Press reset with BOOT0 on',
    text: 'Leave the BOOT0 jumper on, or put it back on, and press reset once. The next crystal is tried then.',
  },
  'wake-katapult': {
    title: 'Press reset twice',
    text: 'Take the BOOT0 jumper off, then press reset twice, as fast as a double click: Katapult starts, and Klipper is written for its crystal.',
  },
} as const;

export type Ask = keyof typeof askWords;

/** Runs as the history has them. */
export const runKindWords = {
  'flash-board': 'Up to a running bridge',
  'install-katapult': stepWords['install-katapult'],
  'install-klipper': stepWords['install-klipper'],
  restore: 'Back to how it was',
} as const satisfies Readonly<Record<RunKind, string>>;

/** What a build is busy with, after the name of its firmware. */
export const buildPhaseWords = {
  source: 'getting the sources',
  toolchain: 'looking for the compiler',
  configure: 'configuring',
  wait: 'waiting for the same build elsewhere',
  compile: 'compiling',
  inspect: 'inspecting the image',
  store: 'storing the image',
} as const satisfies Readonly<Record<BuildPhase, string>>;
