import { encodeConfigText, decodeConfigText } from '../printer-config/config-text.ts';
import { unreadWords, type PiFacts, type PrinterFacts, type UnitFacts } from './facts.ts';
import type {
  CommandStep,
  FileStep,
  KlipperStep,
  PiWishes,
  PlanBlocker,
  PlanNote,
  PlanStep,
} from './plan-types.ts';

type Argv = readonly [string, ...string[]];

/** Collects the steps of a plan: files first, then the commands that apply them. A file is changed in one step only. */
export class PlanDraft {
  readonly facts: PiFacts;
  readonly wishes: PiWishes;
  readonly notes: PlanNote[] = [];
  /** Why the collected steps cannot be carried out. */
  readonly blockers: PlanBlocker[] = [];
  readonly undoBeforeSteps: CommandStep[] = [];
  readonly undoAfterSteps: (CommandStep | KlipperStep)[] = [];
  /** By their real path: one file may have two names. */
  readonly #files = new Map<string, FileStep>();
  readonly #commands: CommandStep[] = [];
  readonly #klipper: KlipperStep[] = [];

  constructor(facts: PiFacts, wishes: PiWishes) {
    this.facts = facts;
    this.wishes = wishes;
  }

  get steps(): PlanStep[] {
    return [...this.#files.values(), ...this.#commands, ...this.#klipper];
  }

  /** The plan changes a file below /etc. */
  get networkChanged(): boolean {
    return [...this.#files.keys()].some((path) => path.startsWith(`${this.facts.root}/etc/`));
  }

  /** The plan changes a file whose path contains this. */
  changes(part: string): boolean {
    return [...this.#files.keys()].some((path) => path.includes(part));
  }

  /** The plan takes this interface down for a moment. */
  takesDown(interfaceName: string): boolean {
    const words = ['ip', 'link', 'set', interfaceName, 'down'].join(' ');
    return this.#commands.some(({ argv }) => argv.join(' ') === words);
  }

  /** The plan restarts the Klipper of this printer. */
  restarts({ configPath }: PrinterFacts): boolean {
    return this.#klipper.some(({ printer }) => printer === undefined || printer.configPath === configPath);
  }

  /** What the file will hold: the content after earlier steps, or the current one. Null if it does not exist. */
  textOf(path: string): string | null {
    const step = this.#files.get(this.facts.files.get(path)?.realPath ?? path);
    const bytes = step === undefined ? this.facts.files.get(path)?.bytes : step.after;
    return bytes === undefined || bytes === null ? null : decodeConfigText(bytes).text;
  }

  /** A new content for a file, null to remove it; no step if that is its current content. */
  changeFile(path: string, text: string | null, reason: string): void {
    const found = this.facts.files.get(path) ?? null;
    const real = found?.realPath ?? path;
    const unread = this.facts.unread.get(path);
    if (unread !== undefined) {
      const why = unreadWords(unread.why, this.facts.user);
      this.blockers.push({ code: 'pi/file-unreadable', text: `${path} ${why}, and would be replaced` });
      return;
    }
    const earlier = this.#files.get(real);
    const encoding = found === null ? 'utf-8' : decodeConfigText(found.bytes).encoding;
    const after = text === null ? null : encodeConfigText({ text, encoding });
    if (sameBytes(after, found?.bytes ?? null)) {
      this.#files.delete(real);
      return;
    }
    const folder = real.slice(0, real.lastIndexOf('/'));
    const gitTree = this.facts.gitTrees.find((tree) => real.startsWith(`${tree}/`));
    if (gitTree !== undefined && earlier === undefined) {
      this.note(
        'note',
        `${real} is in the git work tree ${gitTree}: git will show it as changed, and an update or reset of that tree may undo the change.`,
      );
    }
    this.#files.set(real, {
      kind: 'file',
      path: real,
      reason: earlier ? `${earlier.reason}; ${reason}` : reason,
      asRoot: found === null ? path.startsWith(`${this.facts.root}/etc/`) : !found.replaceable,
      before: found?.bytes ?? null,
      after,
      mode: found?.mode ?? 0o644,
      makesFolder:
        found === null && !this.facts.folders.has(folder) && folder.startsWith(`${this.facts.root}/etc/`),
      backupPlace: gitTree === undefined ? 'beside' : 'journal',
    });
  }

  /** `accepts` is null if its failure does not matter. */
  command(argv: Argv, reason: string, options: { undoAfter?: boolean; accepts?: null } = {}): void {
    const accepts = options.accepts === null ? null : [0];
    const step: CommandStep = { kind: 'command', argv, reason, asRoot: true, accepts };
    this.#commands.push(step);
    if (options.undoAfter === true) this.undoAfter(argv, reason);
  }

  /** Runs in an undo before the files are restored. A command with nothing to do may fail. */
  undoBefore(argv: Argv, reason: string): void {
    this.undoBeforeSteps.push({ kind: 'command', argv, reason, asRoot: true, accepts: null });
  }

  /** Runs in an undo after the files are restored. */
  undoAfter(argv: Argv, reason: string): void {
    this.undoAfterSteps.push({ kind: 'command', argv, reason, asRoot: true, accepts: null });
  }

  enableUnit(name: string, reason: string, now = true): void {
    const flags = now ? ['--now'] : [];
    this.command(['systemctl', 'enable', ...flags, name], reason);
    this.undoBefore(['systemctl', 'disable', '--now', name], `${name} was not enabled before`);
  }

  disableUnit(name: string, unit: UnitFacts, reason: string): void {
    this.command(['systemctl', 'disable', '--now', name], reason);
    if (unit.enabled === 'enabled')
      this.undoAfter(['systemctl', 'enable', name], `${name} was enabled before`);
  }

  klipper(step: Omit<KlipperStep, 'kind'>): void {
    this.#klipper.push({ kind: 'klipper', ...step });
    this.undoAfterSteps.push({
      kind: 'klipper',
      ...step,
      reason: 'Klipper reads its old configuration again',
    });
  }

  note(kind: PlanNote['kind'], text: string): void {
    this.notes.push({ kind, text });
  }
}

export function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
