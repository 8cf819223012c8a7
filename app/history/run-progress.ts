import { chipNames, type ChipNames } from '../boards/chip-identity.ts';
import type { BoardIdentity, CanbusUuidSource } from '../boards/canbus-uuid-source.ts';
import type { BoardMode } from '../boards/board-mode.ts';
import { stateWithApplication, stateWithKatapult } from '../boards/state-of-mode.ts';
import type { ByPart, ImagePart } from '../image/image-parts.ts';
import type { BoardState } from '../errors.ts';
import type { Sector } from '../protocols/dfuse/sectors.ts';
import { bootloaderOfStep } from '../flash/bootloaders.ts';
import type { FlashEvent, Phase } from '../flash/flash-event.ts';
import type { RunStep } from '../flash/run-step.ts';
import type { searchStages } from '../rescue/crystal-search.ts';
import type { ImageResult, RunKind, RunRecord } from './run-record.ts';

/** The events of a run: those of a flasher, and those between two steps. */
export type RunEvent =
  | { readonly type: 'step'; readonly step: RunStep | 'done' }
  | ({ readonly type: 'seen'; readonly mode: BoardMode } & ChipNames)
  | { readonly type: 'ask' | 'sight' | 'offer' }
  | { readonly type: 'search'; readonly stage: (typeof searchStages)[number]; readonly crystalHz: number }
  /** The old content of flash is safe. */
  | { readonly type: 'backup'; readonly backupId: string }
  | FlashEvent;

/** What must be on disk before the next action on the board, so that a crash then can be understood. */
export interface RunProgress {
  readonly step: RunStep | 'done' | null;
  readonly phase: Phase | null;
  /** On the clock that durations are measured with. */
  readonly phaseSinceMs: number;
  /** What a crash at this moment leaves on the board. */
  readonly state: BoardState;
  readonly uid: string | null;
  readonly canbusUuid: string | null;
  readonly canbusUuidSource: CanbusUuidSource | null;
  readonly bootloader: string | null;
  /** From the bootloader on the board; null until one has reported it. */
  readonly mcu: string | null;
  readonly phases: RunRecord['phases'];
  readonly results: ByPart<ImageResult>;
  /** What was about to be erased, in order. */
  readonly erases: readonly Erase[];
  readonly backupId: string | null;
  /** The board's crystal, if it was found. */
  readonly crystalHz: number | null;
}

/** The place of an image; `chip`: a read protection was removed, which erases all of it; or these sectors. */
export type Erase = ImagePart | 'chip' | readonly Sector[];

export function newProgress(
  kind: RunKind,
  uid: string | null = null,
  backupId: string | null = null,
): RunProgress {
  return {
    step: kind === 'flash-board' ? null : kind,
    phase: null,
    phaseSinceMs: 0,
    state: 'untouched',
    ...chipNames(uid),
    canbusUuidSource: uid === null ? null : 'computed',
    bootloader: null,
    mcu: null,
    phases: [],
    results: { bootloader: 'not-written', application: 'not-written' },
    erases: [],
    backupId,
    crystalHz: null,
  };
}

/**
 * The progress after one more event. The same object if the event changes nothing that must survive a crash, as most
 * events about bytes.
 */
export function progressAfter(progress: RunProgress, event: RunEvent, nowMs: number): RunProgress {
  switch (event.type) {
    case 'step':
      return { ...endPhase(progress, nowMs), step: event.step };
    case 'seen': {
      const { mode, uid } = event;
      const state = stateOfSeen(progress.state, mode);
      const isNews =
        (uid !== null && uid !== progress.uid) || progress.phase !== null || state !== progress.state;
      return isNews ? { ...withNames(endPhase(progress, nowMs), event), state } : progress;
    }
    case 'ask':
      return progress.phase === null ? progress : endPhase(progress, nowMs);
    case 'phase':
      // A flasher repeats a phase when it becomes safe to stop, or no longer is.
      return event.phase === progress.phase ? progress : beginPhase(progress, event.phase, nowMs);
    case 'target':
      return { ...progress, bootloader: event.bootloader, mcu: event.mcu ?? progress.mcu };
    case 'progress':
      return event.phase === 'verify' && event.bytesDone === event.bytesTotal ? verified(progress) : progress;
    case 'erasing':
      return { ...progress, state: 'dfu-partial', erases: [...progress.erases, event.sectors] };
    case 'backup':
      return { ...progress, backupId: event.backupId };
    case 'note':
    case 'sight':
    case 'offer':
      return progress;
    case 'search':
      return event.stage === 'found' ? { ...progress, crystalHz: event.crystalHz } : progress;
  }
}

/** The progress with what the chip reported about itself; null changes nothing. */
function withNames(progress: RunProgress, { uid, canbusUuid }: ChipNames): RunProgress {
  return uid === null ? progress : { ...progress, uid, canbusUuid, canbusUuidSource: 'computed' };
}

/** The progress with what the board last reported about itself: its own UUID, if known, outweighs the chip's. */
export function withBoard(progress: RunProgress, board: BoardIdentity): RunProgress {
  const { state = progress.state } = board;
  const known = { ...withNames(progress, chipNames(board.uid)), state };
  const uuid = board.canbusUuid ?? null;
  const source = board.canbusUuidSource ?? null;
  if (uuid === null || source === null) return known;
  return { ...known, canbusUuid: uuid, canbusUuidSource: source };
}

/** The progress with its last phase closed. */
export function endPhase(progress: RunProgress, nowMs: number): RunProgress {
  const { step, phase, phaseSinceMs, phases } = progress;
  if (phase === null) return progress;
  const durationMs = Math.max(0, Math.round(nowMs - phaseSinceMs));
  return { ...progress, phase: null, phases: [...phases, { step, phase, durationMs }] };
}

/**
 * The progress of a failed run, with the state in its error. A bootloader that refused the very first erase has left
 * the place of its image unchanged.
 */
export function progressAtFailure(progress: RunProgress, told: BoardState | null): RunProgress {
  if (told === null) return progress;
  // Nothing of a restore happens before its first erase.
  if (progress.step === 'restore' && told === 'untouched') return { ...progress, state: told, erases: [] };
  const bootloader = bootloaderOfStep(progress.step);
  if (bootloader === null) return { ...progress, state: told };
  const { writes: part, untouched } = bootloader;
  if (!untouched.includes(told) || progress.results[part] !== 'partial') return { ...progress, state: told };
  return {
    ...progress,
    state: told,
    results: { ...progress.results, [part]: 'not-written' },
    erases: progress.erases.filter((erase) => erase !== part && erase !== 'chip'),
  };
}

/** What was seen running of what this run wrote last; in the middle of a write it says nothing about the board. */
function stateOfSeen(state: BoardState, mode: BoardMode): BoardState {
  switch (state) {
    case 'katapult-verified':
    case 'running-klipper':
    case 'running-bridge':
      return stateWithApplication(mode);
    case 'dfu-written':
    case 'running-katapult':
      return stateWithKatapult(mode);
    case 'bootsel-written':
      return mode === 'katapult' ? 'running-katapult' : state;
    default:
      return state;
  }
}

function beginPhase(before: RunProgress, phase: Phase, nowMs: number): RunProgress {
  const progress = { ...endPhase(before, nowMs), phase, phaseSinceMs: nowMs };
  const bootloader = bootloaderOfStep(progress.step);
  if (bootloader === null) return progress;
  const { writes, erasesIn, leaves } = bootloader;
  if (phase === 'unprotect')
    return { ...progress, state: leaves.partial, erases: [...progress.erases, 'chip'] };
  return phase === erasesIn ? begun(progress, writes, leaves.partial) : progress;
}

function begun(progress: RunProgress, part: ImagePart, state: BoardState): RunProgress {
  // Installing a bootloader erases the beginning of the application.
  const application = progress.results.application === 'verified' ? 'partial' : progress.results.application;
  const results = { ...progress.results, application, [part]: 'partial' as const };
  return { ...progress, state, results, erases: [...progress.erases, part] };
}

function verified(progress: RunProgress): RunProgress {
  if (progress.step === 'restore') return { ...progress, state: 'restored' };
  const bootloader = bootloaderOfStep(progress.step);
  if (bootloader === null || progress.results[bootloader.writes] === 'verified') return progress;
  const { writes, leaves } = bootloader;
  return { ...progress, state: leaves.written, results: { ...progress.results, [writes]: 'verified' } };
}
