import { aborted } from '../../../app/aborted.ts';
import type { CanbusUuidSource } from '../../../app/boards/canbus-uuid-source.ts';
import { LiveTable, type TableEvent } from '../../../app/contract/live-table.ts';
import type {
  PiAnswer,
  PiLook,
  PiPlanView,
  PiQuestion,
  PiView,
  StationInput,
  StationOutput,
} from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { undoFileViews } from '../../../app/pi/change-view.ts';
import type { PiSession } from '../../../app/pi/pi-session.ts';
import type { FindRecord } from '../../../app/pi/recorded-board.ts';
import { planView } from '../../../app/pi/plan-view.ts';
import { withUuidNotes } from '../../../app/pi/plan-uuids.ts';
import { describeSshTarget, parseSshTarget } from '../../../app/pi/ssh-target.ts';
import type { Shell } from '../../../app/transport/shell.ts';
import type { JobList } from '../../jobs/job-list.ts';
import type { SecretStore } from '../../pi/secret-store.ts';
import type { ForgottenKey } from '../../shell/ssh/own-known-hosts.ts';
import { PiAsker, type LoginQuestions } from './pi-asker.ts';
import { KeptPlans } from './kept-plans.ts';
import { PiList } from './pi-list.ts';
import { PiJobs } from './pi-jobs.ts';
import { PiLink } from './pi-link.ts';
import { PiQuestions } from './pi-questions.ts';
import type { PiRecord } from './pi-record.ts';
import { viewOf, virtualPiId, virtualPiView, withStatus } from './pi-views.ts';

/** The user, host and key of a login. */
export interface PiAddress extends Pick<PiRecord, 'host' | 'user' | 'port'> {
  readonly keyFiles: readonly string[];
}

/** Logs in; throws `ssh/*` or `cancelled`. */
type OpenAt<T> = (address: PiAddress, questions: LoginQuestions, signal: AbortSignal) => Promise<T>;

interface StationPisOptions {
  readonly jobs: JobList;
  readonly secrets: SecretStore;
  /** The file that stores Pis. */
  readonly file: string;
  readonly openPi: OpenAt<PiSession>;
  readonly openShell: OpenAt<Shell>;
  readonly forgetKey: (target: string) => Promise<readonly ForgottenKey[]>;
  /** True for the canbus_uuid of a virtual board. */
  readonly isVirtualUuid: (canbusUuid: string) => boolean;
  /** The source of a canbus_uuid; null if none is recorded. */
  readonly uuidSourceOf: (canbusUuid: string) => CanbusUuidSource | null;
  /** What the station wrote to a board. */
  readonly findRecord: FindRecord;
  /** Called if the file could not be written; the Pis stay usable. */
  readonly onUnsaved: (error: unknown) => void;
}

const never = new AbortController().signal;

/** The Pis of a station: stored, logged in to, examined, planned for. Work on them runs as jobs. */
export class StationPis implements AsyncDisposable {
  /** What was planned last; `jobs` applies it. */
  readonly plans = new KeptPlans();
  readonly jobs: PiJobs;
  readonly #options: StationPisOptions;
  readonly #list: PiList;
  readonly #table = new LiveTable<PiView>();
  readonly #questions = new PiQuestions();
  readonly #links = new Map<string, PiLink>();
  /** Pis that are not stored, as long as a command needs them. */
  readonly #reached = new Map<string, PiAddress>();
  #openVirtual: ((questions: LoginQuestions) => Promise<PiSession>) | null = null;
  #count = 0;

  private constructor(options: StationPisOptions, list: PiList) {
    this.#options = options;
    this.#list = list;
    this.jobs = new PiJobs(options.jobs, this.plans, (id) => this.link(id));
    for (const record of list.all) this.#table.set(viewOf(record));
  }

  static async open(options: StationPisOptions): Promise<StationPis> {
    return new StationPis(options, await PiList.open(options.file, options.onUnsaved));
  }

  /** Adds the Pi of the virtual bench. */
  addVirtual(open: (questions: LoginQuestions) => Promise<PiSession>): void {
    this.#openVirtual = open;
    this.#table.set(virtualPiView);
  }

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<PiView>, void, void> {
    return this.#table.follow(signal);
  }

  followQuestions(signal: AbortSignal): AsyncGenerator<TableEvent<PiQuestion>, void, void> {
    return this.#questions.follow(signal);
  }

  answer(id: string, answer: PiAnswer): boolean {
    return this.#questions.answer(id, answer);
  }

  /** Throws `pi/unknown`. */
  view(id: string): PiView {
    const view = this.#table.get(id);
    if (view !== null) return view;
    const address = this.#reached.get(id);
    if (address === undefined) throw new CanopusError('pi/unknown', `There is no Pi ${id}.`, { id });
    return viewOf({ ...address, id, name: address.host, keyFile: address.keyFiles[0] ?? null, secrets: [] });
  }

  /** What names the Pis that the station knows: names and addresses. */
  names(): readonly string[] {
    return this.#list.all.flatMap(({ id, name, host, user }) => [
      id,
      name,
      host,
      ...(user === null ? [] : [user]),
    ]);
  }

  /** Throws `usage/invalid`, `pi/unknown` and `pi/busy`. */
  async save(order: StationInput<'pi.save'>): Promise<{ id: string }> {
    if (order.id === virtualPiId) throw new CanopusError('usage/invalid', 'The virtual Pi cannot be edited.');
    if (order.id !== null) await this.disconnect(order.id);
    this.#count += 1;
    const record = this.#list.save(order, this.#newId(parseSshTarget(order.target.trim()).host));
    this.#links.delete(record.id);
    this.#table.set(viewOf(record));
    return { id: record.id };
  }

  /** Throws `pi/unknown` and `pi/busy`. */
  async remove(id: string): Promise<void> {
    const record = this.#list.get(id);
    if (record === null) throw new CanopusError('pi/unknown', `There is no such Pi to remove.`, { id });
    await this.disconnect(id);
    this.#links.delete(id);
    this.#list.remove(id);
    this.#table.delete(id);
    await Promise.all(record.secrets.map((name) => this.#options.secrets.set(name, null)));
  }

  /** See `pi.forgetKey` of the contract. */
  async forgetKey(target: string): Promise<StationOutput<'pi.forgetKey'>> {
    return { forgotten: [...(await this.#options.forgetKey(target))] };
  }

  /** See `pi.reach` of the contract. At the end logs out, as soon as no change runs there any more. */
  async *reach(
    { target: text, keyFiles }: StationInput<'pi.reach'>,
    signal: AbortSignal,
  ): AsyncGenerator<{ id: string }, void, void> {
    const target = parseSshTarget(text);
    const kept = this.#list.all.find((each) => isSame(each, target));
    if (kept !== undefined && keyFiles.every((file) => file === kept.keyFile)) {
      yield { id: kept.id };
      await aborted(signal);
      return;
    }
    this.#count += 1;
    const id = this.#newId(target.host);
    this.#reached.set(id, { ...target, keyFiles });
    try {
      yield { id };
      await aborted(signal);
    } finally {
      await this.#idle(id);
      await this.disconnect(id);
      this.#links.delete(id);
      this.#reached.delete(id);
    }
  }

  connect(id: string): void {
    this.link(id).connect();
  }

  /** Throws `pi/unknown` and `pi/busy`. */
  async disconnect(id: string): Promise<void> {
    const { name } = this.view(id);
    const { running } = this.#options.jobs;
    if (running.some(({ piId }) => piId === id)) {
      throw new CanopusError('pi/busy', `A change of ${name} is running.`, { id });
    }
    await this.#links.get(id)?.close();
  }

  look({ id, interfaceName }: StationInput<'pi.look'>, signal: AbortSignal): Promise<PiLook> {
    return this.link(id).use(signal, (session) => session.summary(interfaceName, signal));
  }

  /**
   * The plan is kept, so that exactly what was shown can be applied. Throws `pi/virtual-only` and as `makePlan` does.
   */
  async plan({ id, wishes }: StationInput<'pi.plan'>, signal: AbortSignal): Promise<PiPlanView> {
    const { isVirtual, name } = this.view(id);
    const virtual = wishes.boards.find(({ canbusUuid }) => this.#options.isVirtualUuid(canbusUuid));
    if (!isVirtual && virtual !== undefined) {
      const message = `${virtual.canbusUuid} is a virtual board, and ${name} is a real Pi.`;
      throw new CanopusError('pi/virtual-only', message, { canbusUuid: virtual.canbusUuid });
    }
    const made = await this.link(id).use(signal, (session, ask) =>
      session.plan(wishes, signal, { find: this.#options.findRecord, ask }),
    );
    const plan = withUuidNotes(made, this.#options.uuidSourceOf);
    return { ...planView(plan), planId: this.plans.keep(id, plan) };
  }

  change(
    { id, changeId }: StationInput<'pi.change'>,
    signal: AbortSignal,
  ): Promise<StationOutput<'pi.change'>> {
    return this.link(id).use(signal, async (session, ask) =>
      undoFileViews(await session.undoPreview(changeId, ask)),
    );
  }

  setCan({ id, ...order }: StationInput<'pi.can'>, signal: AbortSignal): Promise<StationOutput<'pi.can'>> {
    return this.link(id).use(signal, (session, askPassword) =>
      session.setCan({ ...order, findRecord: this.#options.findRecord, askPassword, signal }),
    );
  }

  doctor(
    { id, wishes }: StationInput<'pi.doctor'>,
    signal: AbortSignal,
  ): Promise<StationOutput<'pi.doctor'>> {
    return this.link(id).use(signal, (session) =>
      session.doctor(wishes, signal, { find: this.#options.findRecord }),
    );
  }

  /**
   * Opens a shell on `USER@HOST[:PORT]` to build there; the caller closes it. A stored Pi is reached with its stored
   * key. Throws `usage/invalid`, `ssh/*` or `cancelled`.
   */
  openShell(text: string, signal: AbortSignal = never): Promise<Shell> {
    const target = parseSshTarget(text);
    const [reached] = [...this.#reached].filter(([, address]) => isSame(address, target)).slice(-1);
    const record = this.#list.all.find((each) => isSame(each, target));
    const asker = this.#asker(reached?.[0] ?? record?.id ?? null);
    const kept = record === undefined ? { ...target, keyFiles: [] } : addressOf(record);
    return this.#options.openShell(reached?.[1] ?? kept, asker.questions(signal), signal);
  }

  /** Logs out everywhere. Jobs must have ended before. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await this.#list.saved();
  }

  /** Resolves when no job runs on a Pi. */
  async #idle(id: string): Promise<void> {
    const { jobs } = this.#options;
    for (;;) {
      const job = jobs.running.find(({ piId }) => piId === id);
      if (job === undefined) return;
      for await (const { endedAt } of jobs.follow(job.id, never)) if (endedAt !== null) break;
    }
  }

  /** An id that people can read, because places of the Pi have it: its host, in the letters that a place may have. */
  #newId(host: string): string {
    const words = host.toLowerCase().replace(/[^0-9a-z]+/g, '-');
    const id = words.replace(/^-+|-+$/g, '').slice(0, 40) || 'pi';
    const isTaken = id === virtualPiId || this.#table.get(id) !== null || this.#reached.has(id);
    return isTaken ? `${id}-${Date.now().toString(36)}-${this.#count}` : id;
  }

  #asker(id: string | null): PiAsker {
    const { secrets } = this.#options;
    const onKept = (name: string): void => {
      if (id !== null) this.#list.noteSecret(id, name);
    };
    // A second login to the same Pi does not ask what the first has asked.
    const typedPassword = (): string | null => (id === null ? null : (this.#links.get(id)?.password ?? null));
    return new PiAsker({ questions: this.#questions, secrets, piId: id, onKept, typedPassword });
  }

  /** The connection to a Pi. Throws `pi/unknown`. */
  link(id: string): PiLink {
    this.view(id);
    const known = this.#links.get(id);
    if (known !== undefined) return known;
    const { secrets } = this.#options;
    const link = new PiLink({
      questions: this.#questions,
      secrets,
      piId: id,
      onKept: (name) => this.#list.noteSecret(id, name),
      open: (questions, signal) => this.#open(id, questions, signal),
      onStatus: (status) => {
        const view = this.#table.get(id);
        if (view !== null) this.#table.set(withStatus(view, status));
      },
    });
    this.#links.set(id, link);
    return link;
  }

  #open(id: string, questions: LoginQuestions, signal: AbortSignal): Promise<PiSession> {
    if (id === virtualPiId && this.#openVirtual !== null) return this.#openVirtual(questions);
    const record = this.#list.get(id);
    const address = record === null ? this.#reached.get(id) : addressOf(record);
    if (address === undefined)
      return Promise.reject(new CanopusError('pi/unknown', `There is no Pi ${id}.`, { id }));
    return this.#options.openPi(address, questions, signal);
  }
}

function addressOf({ host, user, port, keyFile }: PiRecord): PiAddress {
  return { host, user, port, keyFiles: keyFile === null ? [] : [keyFile] };
}

function isSame(
  record: Pick<PiRecord, 'host' | 'user' | 'port'>,
  target: ReturnType<typeof parseSshTarget>,
): boolean {
  const told = ({ user, host, port }: Pick<PiRecord, 'user' | 'host' | 'port'>): string =>
    describeSshTarget({ user: user ?? '', host, port: port ?? 22 });
  return told(record) === told(target);
}
