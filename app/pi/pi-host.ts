import type { CanInterface } from './can-interface.ts';
import type { PiFacts } from './facts.ts';
import type { JournalDraft, JournalFile, JournalState, PlanJournal } from './journal.ts';
import type { CommandStep, KlipperStep } from './plan-types.ts';
import type { StepOutcome } from './change-event.ts';
import type { McuVersion, PrinterAnswer } from './printer-status.ts';

export interface CommandResult {
  readonly exitCode: number;
  /** The end of what it said on both streams. */
  readonly output: string;
}

/**
 * One Pi, logged in to. Everything that a plan needs and nothing else; each method is one round trip. Rejects with
 * `cancelled`, `shell/lost`, `shell/timeout` or a `pi/*` code that its doc names; whatever happens, each file is the
 * old one or the new one.
 */
export interface PiHost extends AsyncDisposable {
  readonly label: string;
  /** Looks at everything and changes nothing; also at a printer.cfg that a person named. `pi/bad-report`. */
  look(signal?: AbortSignal, configPath?: string | null): Promise<PiFacts>;
  /** Asks Moonraker, or Klipper's own socket, what the printer does. */
  printer(facts: PiFacts, signal?: AbortSignal): Promise<PrinterAnswer>;
  /** The boards that Klipper talks to; none where it is not ready. Needs `look` before it. `pi/moonraker-*`. */
  mcus(signal?: AbortSignal): Promise<readonly McuVersion[]>;
  /**
   * Makes steps that need root possible; asks for the password only where sudo does. Nothing is asked twice on one
   * connection. `pi/sudo-missing`, `pi/sudo-password-needed`, `pi/sudo-refused`.
   */
  unlockRoot(facts: PiFacts, ask: (attempt: number) => Promise<string | null>): Promise<void>;
  /** Writes the journal and the new contents; only then it is `open`. `pi/unfinished`, `pi/disk-full`, `pi/read-only`. */
  begin(draft: JournalDraft): Promise<void>;
  /** `pi/changed-since-plan`, `pi/disk-full`, `pi/read-only`, `pi/sudo-refused`, `pi/step-failed`. */
  applyFile(journal: PlanJournal, file: JournalFile): Promise<StepOutcome>;
  /** Puts the backup back. With `force` also where somebody edited the file since. `pi/edited-since` and as above. */
  undoFile(journal: PlanJournal, file: JournalFile, force: boolean): Promise<StepOutcome>;
  command(step: CommandStep): Promise<CommandResult>;
  /** `pi/klipper-not-restarted`, `pi/moonraker-auth`. */
  restartKlipper(step: KlipperStep): Promise<void>;
  /** Marks the journal. */
  finish(journal: PlanJournal, state: JournalState): Promise<void>;
  /** What files hold now, null for those that are not there. */
  contents(paths: readonly string[]): Promise<ReadonlyMap<string, Uint8Array | null>>;
  /** Calls `onState` for how the interface is now, and again for each change, until aborted or `timeoutMs` are over. */
  watch(
    interfaceName: string,
    options: {
      readonly timeoutMs: number;
      readonly signal: AbortSignal;
      readonly onState: (state: CanInterface | null) => void;
    },
  ): Promise<void>;
}
