import type { CanInterface } from './can-interface.ts';
import type { PiFacts } from './facts.ts';
import type { JournalDraft, JournalFile, JournalState, PlanJournal } from './journal.ts';
import type { CommandStep, KlipperStep } from './plan-types.ts';
import type { StepOutcome } from './change-event.ts';
import type { McuVersion, PrinterAnswer } from './printer-status.ts';

export interface CommandResult {
  readonly exitCode: number;
  /** The end of its output on both streams. */
  readonly output: string;
}

/**
 * One Pi with a login. Everything that a plan needs and nothing else; each method is one round trip. Throws
 * `cancelled`, `shell/lost`, `shell/timeout` or a `pi/*` code that its doc names; in every case each file is the old
 * one or the new one.
 */
export interface PiHost extends AsyncDisposable {
  readonly label: string;
  /** Collects all facts and changes nothing; also reads a printer.cfg that a person named. `pi/bad-report`. */
  look(signal?: AbortSignal, configPath?: string | null): Promise<PiFacts>;
  /** Asks Moonraker, or Klipper's own socket, what the printer does. */
  printer(facts: PiFacts, signal?: AbortSignal): Promise<PrinterAnswer>;
  /** The boards that Klipper talks to; none if it is not ready. Call `look` before it. `pi/moonraker-*`. */
  mcus(signal?: AbortSignal): Promise<readonly McuVersion[]>;
  /**
   * Makes steps that need root possible; asks for the password only if sudo does. One connection never asks twice.
   * `pi/sudo-missing`, `pi/sudo-password-needed`, `pi/sudo-refused`.
   */
  unlockRoot(facts: PiFacts, ask: (attempt: number) => Promise<string | null>): Promise<void>;
  /**
   * Writes the journal and the new contents; only then is it `open`. `pi/unfinished`, `pi/disk-full`, `pi/read-only`.
   */
  begin(draft: JournalDraft): Promise<void>;
  /** `pi/changed-since-plan`, `pi/disk-full`, `pi/read-only`, `pi/sudo-refused`, `pi/step-failed`. */
  applyFile(journal: PlanJournal, file: JournalFile): Promise<StepOutcome>;
  /** Restores the backup. With `force` even if the file was edited since. `pi/edited-since` and as above. */
  undoFile(journal: PlanJournal, file: JournalFile, force: boolean): Promise<StepOutcome>;
  command(step: CommandStep): Promise<CommandResult>;
  /** `pi/klipper-not-restarted`, `pi/moonraker-auth`. */
  restartKlipper(step: KlipperStep): Promise<void>;
  /** Marks the journal. */
  finish(journal: PlanJournal, state: JournalState): Promise<void>;
  /** The current content of files; null for missing ones. */
  contents(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | null>>;
  /** Calls `onState` with the interface's state, then after each change, until aborted or `timeoutMs` are over. */
  watch(
    interfaceName: string,
    options: {
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
      readonly onState: (state: CanInterface | null) => void;
    },
  ): Promise<void>;
}
