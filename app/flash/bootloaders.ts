import type { BoardMode } from '../boards/board-mode.ts';
import type { BoardState } from '../errors.ts';
import type { ImagePart } from '../image/image-parts.ts';
import type { Phase } from './flash-event.ts';
import type { Ask, RunStep } from './run-step.ts';

/** A way to write: a program on the chip that writes flash, and what is known of it before it is spoken to. */
export interface Bootloader {
  /** As which a board that runs it shows on USB. */
  readonly mode: Exclude<BoardMode, 'unknown'>;
  /** The part of flash that an order has it write. */
  readonly writes: ImagePart;
  /** It reads and writes all of flash: backup and restore go through it. */
  readonly reachesAllFlash: boolean;
  /** As events and the history name the step in which it writes. */
  readonly step: Extract<RunStep, 'install-katapult' | 'install-klipper'>;
  /** From the first of these phases on, what was in its part before is lost. */
  readonly erasesIn: Phase;
  /** What a board is left as in the middle of the write, and when every byte was read back. */
  readonly leaves: Readonly<Record<'partial' | 'written', BoardState>>;
  /** The states that say that it has begun nothing. */
  readonly untouched: readonly BoardState[];
  /** What takes the board out of it where it comes up again by itself; null: it starts what was written. */
  readonly leftBy: Extract<Ask, 'remove-jumper'> | null;
}

/** Every bootloader that is written through. Its flasher is in `flashers.ts`. */
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
  katapult: {
    mode: 'katapult',
    writes: 'application',
    reachesAllFlash: false,
    step: 'install-klipper',
    // It erases a sector with the first block that is written to it.
    erasesIn: 'write',
    leaves: { partial: 'katapult-partial', written: 'katapult-verified' },
    untouched: ['untouched', 'dfu-written', 'running-katapult'],
    leftBy: null,
  },
} as const satisfies Readonly<Record<string, Bootloader>>;

export type BootloaderId = keyof typeof bootloaders;

export const bootloaderIds = Object.keys(bootloaders) as readonly BootloaderId[];

/** The bootloader that a board in this mode runs; null where it runs none. */
export function bootloaderIn(mode: BoardMode): BootloaderId | null {
  return bootloaderIds.find((id) => bootloaders[id].mode === mode) ?? null;
}

/** The bootloader that a step writes through; null for a step that writes no part. */
export function bootloaderOfStep(step: string | null): Bootloader | null {
  return Object.values<Bootloader>(bootloaders).find((each) => each.step === step) ?? null;
}
