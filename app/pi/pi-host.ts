import type { CanInterface } from './can-interface.ts';
import type { PiFacts, PrinterFacts } from './facts.ts';
import type { FactsWork } from './facts-work.ts';
import type { Heater } from './heaters.ts';
import type { JournalDraft, JournalFile, JournalState, PlanJournal } from './journal.ts';
import type { RootFiles } from './parse-facts.ts';
import type { CommandStep, KlipperStep } from './plan-types.ts';
import type { StepOutcome } from './change-event.ts';
import type { McuVersion } from './printer-status.ts';
import type { PrinterSeen } from './printers-seen.ts';

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
  /** Works on the facts of this Pi. */
  readonly work: FactsWork;
  /** Collects all facts and changes nothing; also reads a printer.cfg that a person named. `pi/bad-report`. */
  look(signal?: AbortSignal, configPath?: string | null): Promise<PiFacts>;
  /**
   * Asks what every printer does: its own Moonraker, or else its Klipper's socket. A Moonraker that belongs to none of
   * them is asked, too.
   */
  printers(facts: PiFacts, signal?: AbortSignal): Promise<readonly PrinterSeen[]>;
  /** The boards that a printer's Klipper talks to; none if it is not ready. `pi/moonraker-*`. */
  mcus(printer: PrinterFacts, signal?: AbortSignal): Promise<readonly McuVersion[]>;
  /** The heaters of a printer; none if its Klipper is not ready. `pi/moonraker-*`. */
  heaters(printer: PrinterFacts, signal?: AbortSignal): Promise<readonly Heater[]>;
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
  /** Restarts this printer's Klipper and no other. `pi/klipper-not-restarted`, `pi/moonraker-auth`. */
  restartKlipper(step: KlipperStep, printer: PrinterFacts): Promise<void>;
  /** Marks the journal. */
  finish(journal: PlanJournal, state: JournalState): Promise<void>;
  /**
   * Reads files and folders of the network's configuration as root, which must be unlocked; changes nothing.
   * `pi/bad-report`, `pi/sudo-refused`.
   */
  readAsRoot(facts: PiFacts, paths: readonly string[], signal?: AbortSignal): Promise<RootFiles>;
  /**
   * The current content of files; null for missing ones. As root once that is unlocked; before that `pi/file-unreadable`
   * for one that the user may not read.
   */
  contents(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | null>>;
  /** Keeps a text in a file of the user who logs in; an empty one removes it. `pi/disk-full`, `pi/read-only`. */
  keep(path: string, text: string): Promise<void>;
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
