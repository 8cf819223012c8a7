import { CanopusError } from '../errors.ts';
import type { Clock } from '../transport/clock.ts';
import { applyPlan, resumePlan, type ChangeRun } from './apply.ts';
import { bridgesOf } from './boards-seen.ts';
import { setCanNow } from './can-now.ts';
import type { UndoFile } from './change-view.ts';
import type { Check } from './check.ts';
import type { FactsWorks } from './facts-work.ts';
import type { JournalFacts, PiFacts } from './facts.ts';
import { journalId, parseJournal, type PlanJournal } from './journal.ts';
import type { LookedAt } from './looked-at.ts';
import type { PiHost } from './pi-host.ts';
import type { PiPlan, PiWishes } from './plan-types.ts';
import { choosePrinter } from './plan-printer.ts';
import type { ConfirmedIdle } from './printer-ref.ts';
import { answerOf } from './printers-seen.ts';
import type { ProveOptions, ProveRun } from './proof.ts';
import { prove } from './prove.ts';
import { noRecords, recordsOf, type FindRecord, type RecordedBoard } from './recorded-board.ts';
import { unhidden, withRootIfNeeded } from './root-files.ts';
import { previewUndo } from './standing.ts';
import { undoPlan } from './undo.ts';

/** The questions that a change may ask, and a person's confirmations. */
export interface ChangeConsent {
  /** For sudo; null gives up. `attempt` counts from 1. */
  readonly askPassword: (attempt: number) => Promise<string | null>;
  readonly confirmedIdle: ConfirmedIdle;
  readonly signal?: AbortSignal | undefined;
}

interface SessionOptions {
  readonly clock: Clock;
  /** The calendar, for names of journals. */
  readonly now: () => Date;
  readonly random: () => number;
}

const noPassword = (): Promise<null> => Promise.resolve(null);

/** What a plan may ask for. */
interface PlanHelp {
  readonly find?: FindRecord;
  readonly ask?: (attempt: number) => Promise<string | null>;
}

/** A Pi with a login: look, plan, apply, prove, undo. Owns the host. */
export class PiSession implements AsyncDisposable {
  readonly label: string;
  readonly #host: PiHost;
  readonly #options: SessionOptions;

  constructor(host: PiHost, options: SessionOptions) {
    this.label = host.label;
    this.#host = host;
    this.#options = options;
  }

  /** For work that is about a printer and not about the set-up of this Pi. */
  get host(): PiHost {
    return this.#host;
  }

  /** All facts, in two or three round trips; changes nothing. */
  async look(signal?: AbortSignal, configPath: string | null = null): Promise<LookedAt> {
    const facts = await this.#host.look(signal, configPath);
    return { facts, printers: await this.#host.printers(facts, signal) };
  }

  /** What a window shows of a look: not the contents of files. */
  async summary(interfaceName: string, signal?: AbortSignal): Promise<ReturnType<FactsWorks['summary']>> {
    const looked = await this.look(signal);
    return this.#host.work.do('summary', { ...looked, interfaceName }, signal);
  }

  /** `ask`: for sudo, where a file that matters may be read by root alone; without it the plan says so. */
  async plan(
    wishes: PiWishes,
    signal?: AbortSignal,
    { find = noRecords, ask = noPassword }: PlanHelp = {},
  ): Promise<PiPlan> {
    const looked = await this.look(signal, wishes.configPath);
    const { printers } = looked;
    const facts = await unhidden(this.#host, looked.facts, ask);
    const records = await this.#recordsFor(facts, find, signal);
    return this.#host.work.do('plan', { facts, printers, wishes, records }, signal);
  }

  /** See `applyPlan`. */
  apply(plan: PiPlan, consent: ChangeConsent): ChangeRun {
    const now = this.#options.now();
    return applyPlan(this.#host, plan, { ...consent, now, id: journalId(now, this.#options.random()) });
  }

  /** Finishes the change that was begun and not finished. `pi/no-journal` if there is none. */
  async *resume(consent: ChangeConsent): ChangeRun {
    const journal = await this.journal((each) => each.state === 'open');
    return yield* resumePlan(this.#host, journal, { ...consent, now: this.#options.now(), id: journal.id });
  }

  /** Undoes a change: the one with that id, or else the last one that is not undone. See `undoPlan`. */
  async *undo(id: string | null, force: boolean, consent: ChangeConsent): ChangeRun {
    const journal = await this.journal((each) => (id === null ? each.state !== 'undone' : each.id === id));
    return yield* undoPlan(this.#host, journal, { ...consent, force });
  }

  /** See `prove`. */
  prove(options: Omit<ProveOptions, 'clock'>): ProveRun {
    return prove(this.#host, { ...options, clock: this.#options.clock });
  }

  /** Asks for no password: what only root may read is read where sudo needs none, or has it already. */
  async doctor(
    wishes: PiWishes,
    signal?: AbortSignal,
    { find = noRecords }: Pick<PlanHelp, 'find'> = {},
  ): Promise<Check[]> {
    const looked = await this.look(signal, wishes.configPath);
    const { printers: seen } = looked;
    const facts = await unhidden(this.#host, looked.facts, noPassword);
    const isChosen = (wishes.printer ?? wishes.configPath) !== null;
    const chosen = isChosen ? choosePrinter(facts, wishes) : null;
    if (chosen !== null && 'code' in chosen) {
      throw new CanopusError(chosen.code, `${this.label}: ${chosen.text}`);
    }
    const printers = await Promise.all(
      (chosen === null ? facts.printers : [chosen]).map(async (printer) => {
        const answer = answerOf(seen, printer);
        const ready = answer.kind === 'status' && answer.status.klippy === 'ready';
        const asks = ready && answer.status.source === 'moonraker';
        return { printer, answer, mcus: asks ? await this.#host.mcus(printer, signal) : [] };
      }),
    );
    const records = await this.#recordsFor(facts, find, signal);
    return this.#host.work.do('checks', { facts, printers, wishes, records }, signal);
  }

  /** See `setCanNow`. */
  setCan(order: Parameters<typeof setCanNow>[1]): ReturnType<typeof setCanNow> {
    return setCanNow(this.#host, order);
  }

  /** The last journal on the Pi that fits. Throws `pi/no-journal`. */
  async journal(fits: (each: JournalFacts) => boolean): Promise<PlanJournal> {
    const { journals } = await this.#host.look();
    const found = journals
      .filter(fits)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .at(-1);
    if (found === undefined) {
      throw new CanopusError('pi/no-journal', `${this.label} has no journal of such a change`, {
        count: journals.length,
      });
    }
    return parseJournal(found.text);
  }

  /** The current state of a change's files, and what undoing it would make of them. `pi/no-journal`. */
  async undoPreview(
    id: string,
    ask: (attempt: number) => Promise<string | null> = noPassword,
  ): Promise<UndoFile[]> {
    const journal = await this.journal((each) => each.id === id);
    const host = this.#host;
    return withRootIfNeeded(host, await host.look(), ask, () => previewUndo(host, journal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#host[Symbol.asyncDispose]();
  }

  /** The bridges first: of them nothing else shows a bit rate. */
  async #recordsFor(facts: PiFacts, find: FindRecord, signal?: AbortSignal): Promise<RecordedBoard[]> {
    if (find === noRecords) return [];
    const bridges = bridgesOf(facts).map(({ uuid }) => uuid);
    return recordsOf(find, [...bridges, ...(await this.#host.work.do('configUuids', { facts }, signal))]);
  }
}
