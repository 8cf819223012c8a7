/**
 * Every failure the station can name. The list is closed: `error-texts.ts` must have a text and a next step for
 * each code or it does not compile. Grouped by the part that raises them.
 */
export const errorCodes = [
  // Pipes to devices: raised where a native module or a virtual device is wrapped.
  'link/stall',
  'link/timeout',
  'link/closed',
  'link/gone',
  'link/io',
  'link/access',
  'link/busy',
  'link/no-driver',
  'link/protocol',

  // Finding devices.
  'device/not-found',
  'device/ambiguous',
  'device/wrong-mode',
  'device/did-not-return',
  'device/still-in-dfu',
  'device/returned-as-another',

  // ROM DFU.
  'dfu/no-dfu-interface',
  'dfu/bad-layout',
  'dfu/read-protected',
  'dfu/unprotect-not-confirmed',
  'dfu/device-error',
  'dfu/stuck-busy',
  'dfu/erase-failed',
  'dfu/write-failed',
  'dfu/verify-mismatch',
  'dfu/flash-damaged',

  // Katapult.
  'katapult/no-answer',
  'katapult/bad-answer',
  'katapult/unsupported-version',
  'katapult/command-failed',
  'katapult/wedged',
  'katapult/wrong-mcu',
  'katapult/wrong-address',
  'katapult/verify-mismatch',
  'katapult/flash-damaged',
  'katapult/stuck-busy',
  'katapult/frames-damaged',
  'katapult/not-entered',

  // The chip in ROM DFU against what was chosen for it.
  'chip/mismatch',
  'chip/marking-needed',
  'chip/marking-mismatch',
  'chip/bad-marking',

  // Images and their checks against a board.
  'image/unreadable',
  'image/virtual-only',
  'image/not-an-image',
  'image/truncated',
  'image/wrong-kind',
  'image/wrong-mcu',
  'image/wrong-address',
  'image/not-a-bridge',
  'image/no-usb',
  'image/wrong-pins',
  'image/wrong-bitrate',
  'image/does-not-fit',
  'image/wrong-crystal',
  'image/crystal-unknown',
  'image/known-fault',

  // Board presets.
  'preset/invalid',
  'preset/unknown',

  // Identity.
  'uid/invalid',
  'identity/conflict',

  // The bench: slots, armed recipes.
  'bench/bad-map',
  'bench/bad-recipe',
  'bench/not-confirmed',
  'bench/overlapping-recipes',
  'bench/unknown-recipe',
  'bench/unknown-slot',
  'bench/no-recipe',
  'bench/ambiguous',
  'bench/already-done',
  'bench/interrupted',

  // Firmware: what to build, from what, with what.
  'recipe/invalid',
  'recipe/no-bridge',
  'recipe/not-confirmed',
  'recipe/conflict',
  'source/invalid',
  'source/not-firmware',
  'source/unreachable',
  'source/unknown-ref',
  'source/git-failed',
  'source/not-on-pi',
  'toolchain/missing',
  'toolchain/too-old',
  'toolchain/probe-failed',
  'build/unknown-mcu',
  'build/config-refused',
  'build/known-fault',
  'build/configure-failed',
  'build/failed',
  'build/failed-changed',
  'build/library-too-new',
  'build/timeout',
  'build/no-image',
  'build/image-mismatch',
  'build/printing',
  'build/no-builder',
  'build/bad-folder',

  // The cache of built images.
  'cache/corrupt',
  'cache/unknown-image',
  'cache/bad-bundle',
  'cache/locked',

  // Commands on this computer, in WSL or on a Pi.
  'shell/timeout',
  'shell/lost',
  'shell/closed',
  'shell/not-started',

  // Between a window and the station.
  'contract/disconnected',
  'contract/invalid-answer',
  'contract/invalid-input',
  'contract/protocol',
  'contract/too-large',
  'contract/too-many',
  'contract/unknown-name',
  'host/port-in-use',
  'host/work-running',
  'job/unknown',
  'job/interrupted',
  'flow/interrupted',
  'flow/unknown',

  // What was done to which board.
  'history/unwritable',
  'history/damaged',
  'history/newer',
  'history/unknown-run',
  'history/unknown-board',

  // Logging in to a Pi.
  'ssh/host-not-found',
  'ssh/refused',
  'ssh/unreachable',
  'ssh/timeout',
  'ssh/broken',
  'ssh/host-key-unknown',
  'ssh/host-key-changed',
  'ssh/host-key-revoked',
  'ssh/auth-failed',
  'ssh/key-unreadable',
  'ssh/key-locked',
  'ssh/config-unreadable',
  'ssh/forward-refused',

  // A Pi: looking, planning, applying, proving, undoing.
  'pi/bad-report',
  'pi/not-a-pi',
  'pi/printing',
  'pi/print-state-unknown',
  'pi/no-network-stack',
  'pi/no-printer-config',
  'pi/several-printers',
  'pi/sudo-missing',
  'pi/sudo-password-needed',
  'pi/sudo-refused',
  'pi/unfinished',
  'pi/changed-since-plan',
  'pi/edited-since',
  'pi/no-journal',
  'pi/disk-full',
  'pi/read-only',
  'pi/step-failed',
  'pi/command-failed',
  'pi/klipper-not-restarted',
  'pi/interface-missing',
  'pi/interface-down',
  'pi/interface-wrong',
  'pi/did-not-return',
  'pi/klipper-error',
  'pi/node-missing',
  'pi/moonraker-unreachable',
  'pi/moonraker-auth',
  'pi/moonraker-answer',
  'pi/unknown',
  'pi/plan-unknown',
  'pi/busy',
  'pi/virtual-only',

  // printer.cfg.
  'config/auto-saved',
  'config/invalid-value',

  // This computer.
  'file/missing',
  'file/unreadable',
  'file/unwritable',
  'file/disk-full',
  'usage/invalid',
  'cancelled',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * What work leaves behind on the board, whether it failed or not. A closed list, so that every message can say how to go on.
 * - `untouched`: nothing was erased or written by this run.
 * - `dfu-partial`: flash is erased or written in part; the ROM bootloader is intact as always.
 * - `dfu-written`: everything was written and read back, but the board was not started or did not come back.
 * - `katapult-partial`: Katapult is intact, the application is erased or written in part.
 * - `katapult-verified`: the application was written and read back, but was not started or did not come back.
 * - `running-katapult`: Katapult was written and read back, and was seen on USB; no application was begun.
 * - `running-klipper`: the application was written and read back, and was seen on USB as a serial device.
 * - `running-bridge`: the application was written and read back, and was seen on USB as a USB-to-CAN bridge.
 * - `unknown`: the board went away in a way that tells nothing.
 */
export const boardStates = [
  'untouched',
  'dfu-partial',
  'dfu-written',
  'katapult-partial',
  'katapult-verified',
  'running-katapult',
  'running-klipper',
  'running-bridge',
  'unknown',
] as const;

export type BoardState = (typeof boardStates)[number];

/**
 * What a failure leaves behind on a Pi. Whatever happens, each of its files is the old one or the new one, whole.
 * - `pi-untouched`: nothing was changed by this run.
 * - `pi-partial`: some steps are done; the journal on the Pi knows how to finish and how to go back.
 * - `pi-applied`: every step is done, but it was not seen working.
 * - `pi-undone`: everything is as it was before the change.
 * - `pi-unknown`: the connection broke in the middle of a step; the journal tells once there is a connection again.
 */
export const piStates = ['pi-untouched', 'pi-partial', 'pi-applied', 'pi-undone', 'pi-unknown'] as const;

export type PiState = (typeof piStates)[number];

/** Of a board or of a Pi, whichever the work was on. */
export const leftStates = [...boardStates, ...piStates] as const;

export type LeftState = (typeof leftStates)[number];

/** Plain values only: details cross process boundaries and are shown to people. */
export type ErrorDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

export interface CanopusErrorOptions {
  readonly cause?: unknown;
  readonly state?: LeftState;
}

/**
 * The one error class. `message` says what happened in plain words with the figures in it; what to do next comes
 * from `error-texts.ts` by `code`.
 */
export class CanopusError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** What the failure leaves behind on the board or the Pi; set by whoever knows, usually the flasher. */
  readonly state: LeftState | null;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    options: CanopusErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CanopusError';
    this.code = code;
    this.details = details;
    this.state = options.state ?? null;
  }

  /** The same failure, with the state added by a caller that knows it; an earlier state is kept. */
  withState(state: LeftState): CanopusError {
    return this.state === null ? this.leaving(state) : this;
  }

  /**
   * The failure of one step, with what the whole work has left behind: a step that changed nothing leaves what the
   * steps before it made.
   */
  leaving(state: LeftState): CanopusError {
    if (this.state !== null && this.state !== 'untouched') return this;
    return new CanopusError(this.code, this.message, this.details, { cause: this.cause ?? this, state });
  }
}

/** True for a CanopusError, of this code where one is given. */
export function isCanopusError(error: unknown, code?: ErrorCode): error is CanopusError {
  return error instanceof CanopusError && (code === undefined || error.code === code);
}

/** Anything thrown, as a CanopusError: an abort becomes `cancelled`, what nobody named becomes `internal`. */
export function toCanopusError(error: unknown): CanopusError {
  if (error instanceof CanopusError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new CanopusError('cancelled', 'The work was cancelled.', {}, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CanopusError('internal', message, {}, { cause: error });
}
