import type { BoardMode } from '../boards/board-mode.ts';
import type { BoardState } from '../errors.ts';
import type { ImagePart } from '../image/image-parts.ts';
import { isRpMcu } from '../mcu/rp-boot.ts';
import type { Phase } from './flash-event.ts';
import type { Ask, RunStep } from './run-step.ts';

/** A program on the chip that writes flash, and what is known about it before it is contacted. */
export interface Bootloader {
  /** The mode in which its board shows on USB. */
  readonly mode: Exclude<BoardMode, 'unknown'>;
  /** The part of an order that it writes. */
  readonly writes: ImagePart;
  /** It reads and writes all of flash: backup and restore use it. */
  readonly reachesAllFlash: boolean;
  /** The name of its step in events and in the history. */
  readonly step: Extract<RunStep, 'install-katapult' | 'install-picoboot' | 'install-klipper'>;
  /** From the first of these phases on, the old content of its part is lost. */
  readonly erasesIn: Phase;
  /** The state of a board in the middle of the write, and once every byte was read back. */
  readonly leaves: Readonly<Record<'partial' | 'written', BoardState>>;
  /** The states in which it has begun nothing. */
  readonly untouched: readonly BoardState[];
  /** How to get a board out of it that comes up in it again; null: it starts what was written. */
  readonly leftBy: Extract<Ask, 'remove-jumper'> | null;
}

/** Every bootloader that can write. Its flasher is in `flashers.ts`. */
export const bootloaders = {
  'rom-dfu': {
    mode: 'dfu',
    writes: 'bootloader',
    reachesAllFlash: true,
    step: 'install-katapult',
    erasesIn: 'erase',
    leaves: { partial: 'dfu-partial', written: 'dfu-written' },
    untouched: ['untouched'],
    leftBy: 'remove-jumper',
  },
  picoboot: {
    mode: 'bootsel',
    writes: 'bootloader',
    // It can; backup and restore do not use it yet.
    reachesAllFlash: false,
    step: 'install-picoboot',
    erasesIn: 'erase',
    leaves: { partial: 'bootsel-partial', written: 'bootsel-written' },
    untouched: ['untouched'],
    leftBy: null,
  },
  katapult: {
    mode: 'katapult',
    writes: 'application',
    reachesAllFlash: false,
    step: 'install-klipper',
    // It erases a sector with the first block written to it.
    erasesIn: 'write',
    leaves: { partial: 'katapult-partial', written: 'katapult-verified' },
    untouched: ['untouched', 'dfu-written', 'bootsel-written', 'running-katapult'],
    leftBy: null,
  },
} as const satisfies Readonly<Record<string, Bootloader>>;

export type BootloaderId = keyof typeof bootloaders;

export const bootloaderIds = Object.keys(bootloaders) as readonly BootloaderId[];

/** The bootloader that runs on a board in this mode; null if none. */
export function bootloaderIn(mode: BoardMode): BootloaderId | null {
  return bootloaderIds.find((id) => bootloaders[id].mode === mode) ?? null;
}

/** The bootloader that writes a part of a chip; of one that is unknown, that of an STM32. */
export function bootloaderFor(part: ImagePart, mcu: string | null): Bootloader {
  if (part === 'application') return bootloaders.katapult;
  return mcu !== null && isRpMcu(mcu) ? bootloaders.picoboot : bootloaders['rom-dfu'];
}

/** The bootloader of a step; null for a step that writes no part. */
export function bootloaderOfStep(step: string | null): Bootloader | null {
  return Object.values<Bootloader>(bootloaders).find((each) => each.step === step) ?? null;
}
