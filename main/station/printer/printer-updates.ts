import type { StationInput, StationOutput } from '../../../app/contract/station-contract.ts';
import { fromWireError } from '../../../app/contract/frames.ts';
import { CanopusError } from '../../../app/errors.ts';
import { journalId } from '../../../app/pi/journal.ts';
import type { PiFacts } from '../../../app/pi/facts.ts';
import { heatWords } from '../../../app/pi/heaters.ts';
import { keepOnPi, keptOnPi } from '../../../app/printer/journal-on-pi.ts';
import { planUpdate } from '../../../app/printer/plan.ts';
import { lookAtPrinter } from '../../../app/printer/printer-on-pi.ts';
import { provePrinter } from '../../../app/printer/prove-printer.ts';
import type { UpdatePlan } from '../../../app/printer/plan-types.ts';
import type { KeptImage, PrinterSurvey } from '../../../app/printer/printer-mcu.ts';
import { standingWords } from '../../../app/printer/standing-words.ts';
import {
  isUnfinished,
  newestJournal,
  newUpdateJournal,
  type UpdateJournal,
} from '../../../app/printer/update-journal.ts';
import {
  expectedVersions,
  withoutWayBack,
  type UpdateDirection,
  type UpdateWrite,
} from '../../../app/printer/update-order.ts';
import { runUpdate, type UpdateWork } from '../../../app/printer/update-run.ts';
import { describeSshTarget } from '../../../app/pi/ssh-target.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { JobContext, JobList } from '../../jobs/job-list.ts';
import type { HistoryAccess } from '../../history/history-access.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import { KeptPlans } from '../pi/kept-plans.ts';
import type { PiReaches } from '../pi/pi-reaches.ts';
import { virtualPiId } from '../pi/pi-views.ts';
import type { StationPis } from '../pi/station-pis.ts';
import type { Writing } from '../writing.ts';
import { knownMcu } from './known-mcu.ts';
import { surveyPrinter } from './printer-survey.ts';
import { stoppedKlipper } from './stopped-klipper.ts';
import type { UpdateImages } from './update-images.ts';
import type { UpdateStore } from './update-store.ts';

interface PrinterUpdatesOptions {
  readonly pis: Pick<StationPis, 'link' | 'view'>;
  readonly reaches: Pick<PiReaches, 'follow' | 'holdPrinter'>;
  readonly jobs: JobList;
  readonly writing: Pick<Writing, 'flash'>;
  readonly images: UpdateImages;
  readonly cache: Pick<ImageCache, 'get'>;
  readonly history: Pick<HistoryAccess, 'open'>;
  readonly store: UpdateStore;
  readonly clock: Clock;
}

const never = new AbortController().signal;

/** Updates of whole printers: survey, plan, run, resume, roll back, prove. */
export class PrinterUpdates {
  readonly #options: PrinterUpdatesOptions;
  readonly #plans = new KeptPlans<UpdatePlan>();

  constructor(options: PrinterUpdatesOptions) {
    this.#options = options;
  }

  survey(
    { id, printer, boards = [] }: StationInput<'printer.survey'>,
    signal: AbortSignal,
  ): Promise<PrinterSurvey> {
    const { pis, history, cache } = this.#options;
    return pis.link(id).use(signal, ({ host }) =>
      surveyPrinter(host, {
        ...{ piId: id, isVirtual: id === virtualPiId, printer, boards, signal },
        known: (mcu) => knownMcu(history, cache, mcu),
      }),
    );
  }

  async plan(
    { scope = 'needed', ...of }: StationInput<'printer.plan'>,
    signal: AbortSignal,
  ): Promise<StationOutput<'printer.plan'>> {
    const plan = planUpdate(await this.survey(of, signal), { scope });
    return { ...plan, planId: this.#plans.keep(of.id, plan) };
  }

  /** The last update of a printer, from the station or its Pi. */
  async last(
    { id, printer }: StationInput<'printer.last'>,
    signal: AbortSignal,
  ): Promise<StationOutput<'printer.last'>> {
    const found = await this.#lastOf(id, printer, signal);
    if (found === null) return null;
    const { begun, state, steps } = found;
    return {
      ...{ id: found.id, printer: found.printer, begun, state, standing: standingWords(found) },
      steps: steps.map(({ name, progress, version, image, former }) => ({
        ...{ name, progress, before: version, after: image?.version ?? null },
        former: former?.version ?? null,
      })),
      oneWay: [...withoutWayBack(found)],
    };
  }

  /** Throws `pi/plan-unknown`, and what blocks the plan. */
  update({ id, planId }: StationInput<'printer.update'>): { jobId: string } {
    const plan = this.#plans.get(id, planId);
    const [blocker] = plan.blockers;
    if (blocker !== undefined)
      throw new CanopusError(
        blocker.code,
        `${plan.printer}: ${blocker.text}.`,
        {},
        { state: 'pi-untouched' },
      );
    return this.#start(id, 'printer-update', async (context) => {
      const unfinished = await this.#lastOf(id, plan.printer, context.signal);
      if (unfinished !== null && isUnfinished(unfinished)) throw unfinishedError(unfinished);
      const images = await this.#imagesOf(plan, context);
      const journal = newUpdateJournal(plan, {
        id: journalId(new Date(), Math.random()),
        begun: new Date(),
        imageOf: (name) => images.get(name) ?? null,
      });
      return await this.#run(journal, 'forward', context);
    });
  }

  resume({ id, printer }: StationInput<'printer.resume'>): { jobId: string } {
    return this.#start(id, 'printer-update', async (context) => {
      const journal = await this.#requireLast(id, printer, context.signal);
      return await this.#run(journal, journal.state === 'going-back' ? 'back' : 'forward', context);
    });
  }

  rollback({ id, printer }: StationInput<'printer.rollback'>): { jobId: string } {
    return this.#start(id, 'printer-rollback', async (context) =>
      this.#run(await this.#requireLast(id, printer, context.signal), 'back', context),
    );
  }

  /** Proves the last update again; what no update wrote may run any version. */
  prove({ id, printer }: StationInput<'printer.prove'>): { jobId: string } {
    return this.#start(id, 'printer-prove', async (context) => {
      const { signal } = context;
      const journal = await this.#lastOf(id, printer, signal);
      const seen = await this.survey({ id, printer, boards: [] }, signal);
      const wanted = journal === null ? new Map<string, string | null>() : expectedVersions(journal);
      const mcus = seen.mcus.filter(({ role }) => role !== 'foreign' && role !== 'host-process');
      const expected = new Map(mcus.map(({ name }) => [name, wanted.get(name) ?? null]));
      const interfaceNames = namesOf(mcus);
      await this.#prove(id, { printer: seen.printer, expected, interfaceNames }, context);
      return {
        kind: 'printer-update',
        updateId: journal?.id ?? null,
        written: 0,
        state: journal?.state ?? null,
      };
    });
  }

  #start(
    id: string,
    kind: 'printer-update' | 'printer-rollback' | 'printer-prove',
    run: (context: JobContext) => Promise<PrinterReport>,
  ): { jobId: string } {
    // A missing Pi is reported at once.
    this.#options.pis.view(id);
    // Its own queue: the runs that it starts wait in the one of the Pi.
    const queue = `printer ${id}`;
    return { jobId: this.#options.jobs.start({ kind, place: null, piId: id, presetId: null, queue, run }) };
  }

  async #imagesOf(
    plan: UpdatePlan,
    { signal, emit }: JobContext,
  ): Promise<ReadonlyMap<string, KeptImage | null>> {
    const images = new Map<string, KeptImage | null>();
    const login = this.#loginOf(plan.piId);
    for (const step of plan.steps) {
      emit({ type: 'note', text: `Klipper for [${step.name}] is made ready.` });
      images.set(step.name, await this.#options.images.of(step, login, signal));
    }
    return images;
  }

  /** Null for the virtual Pi. */
  #loginOf(id: string): string | null {
    if (id === virtualPiId) return null;
    const { user, host, port } = this.#options.pis.view(id);
    return describeSshTarget({ user: user ?? '', host, port: port ?? 22 });
  }

  async #run(
    journal: UpdateJournal,
    direction: UpdateDirection,
    { signal, emit }: JobContext,
  ): Promise<PrinterReport> {
    const { pis, reaches } = this.#options;
    const { piId, printer } = journal;
    const { facts, hot } = await pis
      .link(piId)
      .use(signal, ({ host }) => lookAtPrinter(host, printer, signal));
    // Images take minutes to build, and a resume may come days later: the plan's look is old.
    const heat = heatWords(hot);
    if (heat !== null)
      throw new CanopusError('printer/hot', `${printer}: ${heat}.`, {}, { state: 'pi-untouched' });
    const following = new AbortController();
    const boards = piId === virtualPiId ? null : reaches.follow(piId, following.signal);
    try {
      await boards?.next();
      const run = runUpdate(journal, direction, this.#workOf(journal, facts, { signal, emit }), signal);
      for (;;) {
        const next = await run.next();
        if (next.done === true) {
          const { journal: ended, written } = next.value;
          return { kind: 'printer-update', updateId: ended.id, written, state: ended.state };
        }
        emit(next.value);
      }
    } finally {
      following.abort();
      await boards?.return();
    }
  }

  #workOf({ piId, printer }: UpdateJournal, facts: PiFacts, { emit }: JobContext): UpdateWork {
    const { pis, reaches, store } = this.#options;
    const link = pis.link(piId);
    const note = (text: string): void => emit({ type: 'note', text });
    return {
      keep: async (journal) => {
        await store.save(journal);
        await link.use(never, ({ host }) => keepOnPi(host, facts, journal));
      },
      hold: (signal) =>
        piId === virtualPiId
          ? stoppedKlipper({ link, printer, note, signal })
          : reaches.holdPrinter(piId, printer, note, signal),
      write: (write, signal) => this.#write(write, signal),
      prove: (journal, signal) => {
        const expected = expectedVersions(journal);
        return this.#proofs(piId, { printer, expected, interfaceNames: namesOf(journal.steps) }, signal);
      },
    };
  }

  /** Writes one MCU as any board is written, and waits until that has ended. */
  async #write({ step, image }: UpdateWrite, signal: AbortSignal): Promise<void> {
    const { writing, jobs } = this.#options;
    const { place, preset: board } = step;
    if (place === null || image === null) {
      const message = `[${step.name}] is a program on the Pi, which is not built from here yet.`;
      throw new CanopusError('printer/board-unknown', message, { mcu: step.name }, { state: 'untouched' });
    }
    const images = { bootloader: null, application: image.key };
    const run = await writing.flash({ place, board, images, confirmReadUnprotect: false });
    const cancel = (): void => void jobs.cancel(run.jobId);
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    try {
      for await (const { error } of run.follow(never)) if (error !== null) throw fromWireError(error);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async *#proofs(piId: string, what: ToProve, signal: AbortSignal): ReturnType<UpdateWork['prove']> {
    const { pis, clock } = this.#options;
    const session = await pis.link(piId).use(signal, (each) => Promise.resolve(each));
    yield* provePrinter(session.host, { ...what, clock, signal });
  }

  async #prove(piId: string, what: ToProve, { signal, emit }: JobContext): Promise<void> {
    for await (const proof of this.#proofs(piId, what, signal)) emit(proof);
  }

  async #requireLast(id: string, printer: string | null, signal: AbortSignal): Promise<UpdateJournal> {
    const found = await this.#lastOf(id, printer, signal);
    if (found !== null) return found;
    const message = 'Neither this station nor the Pi has the journal of an update of this printer.';
    throw new CanopusError('printer/no-update', message, { piId: id }, { state: 'pi-untouched' });
  }

  async #lastOf(id: string, name: string | null, signal: AbortSignal): Promise<UpdateJournal | null> {
    const { pis, store } = this.#options;
    return pis.link(id).use(signal, async ({ host }) => {
      const { facts, printer } = await lookAtPrinter(host, name, signal);
      const onPi = await keptOnPi(host, facts, printer.name);
      // The Pi does not know by which id this station has it.
      const journal = newestJournal([store.get(id, printer.name), onPi]);
      return journal === null ? null : { ...journal, piId: id };
    });
  }
}

type PrinterReport = Extract<NonNullable<StationOutput<'jobs.get'>['report']>, { kind: 'printer-update' }>;

interface ToProve {
  readonly printer: string;
  readonly expected: ReadonlyMap<string, string | null>;
  readonly interfaceNames: readonly string[];
}

function namesOf(mcus: readonly { readonly interfaceName: string | null }[]): readonly string[] {
  return [...new Set(mcus.flatMap(({ interfaceName }) => interfaceName ?? []))];
}

function unfinishedError(journal: UpdateJournal): CanopusError {
  const message = `An update of ${journal.printer} was begun and not finished. ${standingWords(journal)}`;
  return new CanopusError('printer/unfinished', message, { begun: journal.begun }, { state: 'pi-untouched' });
}
