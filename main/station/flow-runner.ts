import type { PlaceId } from '../../app/place.ts';
import { join } from 'node:path';
import type { Board } from '../../app/boards/board.ts';
import { cardWayFor } from '../../app/cards/card-way.ts';
import type { Confirmations } from '../../app/boards/confirmations.ts';
import { usualRole } from '../../app/boards/board-role.ts';
import { requireUsbBootloader } from '../../app/boards/usb-bootloader.ts';
import { hazardConfirms } from '../../app/boards/hazards.ts';
import type { Preset } from '../../app/boards/preset-schema.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import type { FlowInput, JobView, PiPlanView, StationInput } from '../../app/contract/station-contract.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import { flowAfter, isWriting } from '../../app/flow/flow.ts';
import type { FlowChoice, FlowEffect, FlowNews, PiWork } from '../../app/flow/flow-event.ts';
import { troubleOf } from '../../app/errors/trouble.ts';
import { isBegun, newFlow, type FlowBoard, type FlowState } from '../../app/flow/flow-state.ts';
import { piOrderOf } from '../../app/flow/flow-wishes.ts';
import { parseMarking } from '../../app/mcu/marking.ts';
import { JsonStore } from '../files/json-store.ts';
import type { JobList } from '../jobs/job-list.ts';
import { flowFormat } from './flow-file.ts';
import type { CardWriting } from './card-writing.ts';
import type { Claim, ClaimHolder, Claims } from './claims.ts';
import { variantOf } from './flash-jobs.ts';
import type { LiveBoards } from './live-boards.ts';
import type { StationPis } from './pi/station-pis.ts';
import type { Writing } from './writing.ts';

/** The Pis as far as flows need them. */
export type FlowPis = Pick<StationPis, 'view' | 'plan' | 'plans' | 'jobs'>;

interface FlowServices {
  readonly boards: LiveBoards;
  readonly jobs: Pick<JobList, 'cancel' | 'follow'>;
  readonly writing: Pick<Writing, 'flash' | 'search'>;
  readonly claims: Claims;
  readonly presets: readonly Preset[];
  readonly cards: Pick<CardWriting, 'write'>;
  readonly pis: FlowPis;
  readonly isVirtual: (place: PlaceId) => boolean;
  /** Where flows are kept across a restart. */
  readonly folder: string;
  now(): Date;
  /** Called if the file could not be read or written; the flows continue. */
  onUnsaved(error: unknown): void;
}

/** Keeps the flows of a station, sends them events and carries out their effects. */
export class FlowRunner implements AsyncDisposable {
  readonly #table = new LiveTable<FlowState>();
  /** What each flow claims. */
  readonly #holders = new Map<string, ClaimHolder>();
  readonly #services: FlowServices;
  readonly #stop = new AbortController();
  readonly #following: Promise<unknown>[] = [];
  readonly #file: JsonStore<readonly FlowState[]>;
  #boards: readonly Board[] = [];

  private constructor(services: FlowServices, file: JsonStore<readonly FlowState[]>) {
    this.#services = services;
    this.#file = file;
  }

  /** Reads the saved flows and continues them. */
  static async open(services: FlowServices): Promise<FlowRunner> {
    const path = join(services.folder, 'flows.json');
    const report = (error: unknown): void => services.onUnsaved(error);
    const file = await JsonStore.open({ path, format: flowFormat, report });
    const runner = new FlowRunner(services, file);
    for (const flow of file.current) {
      runner.#set(flow);
      runner.#tell(flow.id, { type: 'resumed' });
    }
    runner.#following.push(runner.#followBoards());
    return runner;
  }

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<FlowState>, void, void> {
    return this.#table.follow(signal);
  }

  /** Begins a flow, for the board on a port or for one that is still to come. */
  start(place: PlaceId | null): { id: string } {
    const at = this.#services.now();
    const number = this.#table.all().filter(({ startedAt }) => startedAt === at.toISOString()).length;
    const id = `${at.getTime().toString(36)}-${number}`;
    this.#set(newFlow(id, at.toISOString(), place));
    this.#save();
    return { id };
  }

  /** Throws `flow/unknown`, `preset/unknown`, `chip/bad-marking`, `pi/unknown`, `pi/plan-unknown` and `pi/virtual-only`. */
  choose({ id, choice }: StationInput<'flows.choose'>): void {
    const flow = this.#table.get(id);
    if (flow === null) throw unknownFlow(id);
    this.#tell(id, this.#choiceOf(flow, choice));
  }

  /** See `flows.planPi` of the contract. */
  async planPi({ id, wishes }: StationInput<'flows.planPi'>, signal: AbortSignal): Promise<PiPlanView> {
    const flow = this.#table.get(id);
    if (flow === null) throw unknownFlow(id);
    return this.#services.pis.plan(piOrderOf(flow, wishes), signal);
  }

  /** Forgets a flow and cancels its work. */
  remove(id: string): void {
    const flow = this.#table.get(id);
    if (flow === null) throw unknownFlow(id);
    if (isWriting(flow) && flow.jobId !== null) this.#services.jobs.cancel(flow.jobId);
    if (flow.pi !== null && flow.pi.jobId !== null) this.#services.jobs.cancel(flow.pi.jobId);
    this.#delete(id);
    this.#save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#following);
    await this.#file.settled();
  }

  #choiceOf(flow: FlowState, choice: FlowInput): FlowChoice {
    if (choice.type === 'choose-pi' || choice.type === 'choose-printer') {
      return { type: choice.type, piId: choice.piId, name: this.#piNameFor(flow, choice.piId) };
    }
    if (choice.type === 'apply-pi' || choice.type === 'prove-pi') {
      const { planId, ...chosen } = choice;
      const { goal } = this.#services.pis.plans.get(flow.pi?.piId ?? '', planId);
      return chosen.type === 'apply-pi' ? { ...chosen, planId, goal } : { ...chosen, goal };
    }
    if (choice.type === 'choose-card' && flow.board !== null)
      cardWayFor(variantOf(this.#services.presets, flow.board).preset);
    if (choice.type === 'vouch') return { ...choice, confirmations: readConfirmations(choice.confirmations) };
    if (choice.type !== 'choose-board') return choice;
    const { preset, variants } = variantOf(this.#services.presets, choice.board);
    const [variant] = variants;
    if (variant === undefined)
      throw new CanopusError('preset/unknown', `${preset.name} has no such variant.`);
    requireUsbBootloader(preset, variant.mcu.value);
    const board: FlowBoard = {
      ...choice.board,
      name: preset.name,
      mcu: variant.mcu.value,
      crystalHz: variant.crystalHz.value,
      role: usualRole(preset),
      confirms: hazardConfirms(preset),
    };
    return { type: 'choose-board', board, place: choice.place };
  }

  /** A real Pi knows nothing of virtual boards, and the virtual Pi has no port for a real one. */
  #piNameFor({ place }: FlowState, piId: string): string {
    const { name, isVirtual } = this.#services.pis.view(piId);
    if (place !== null && this.#services.isVirtual(place) !== isVirtual) {
      const message = isVirtual
        ? `${name} is virtual, and the board is a real one.`
        : `${name} is a real Pi, and the board is a virtual one.`;
      throw new CanopusError('pi/virtual-only', message, { piId });
    }
    return name;
  }

  async #followBoards(): Promise<void> {
    const boards = new Map<string, Board>();
    for await (const event of this.#services.boards.follow(this.#stop.signal)) {
      if (event.type === 'all') {
        boards.clear();
        for (const board of event.items) boards.set(board.id, board);
      } else if (event.type === 'item') {
        boards.set(event.item.id, event.item);
      } else {
        boards.delete(event.id);
      }
      this.#boards = [...boards.values()];
      for (const { id } of this.#table.all()) this.#look(id);
    }
  }

  /** Tells a flow what becomes of a job that it started, from what it is by now. */
  async #followJob(id: string, jobId: string): Promise<void> {
    for await (const view of this.#services.jobs.follow(jobId, this.#stop.signal))
      this.#tell(id, newsOf(view));
  }

  #look(id: string): void {
    // A written board may already be in the Pi: its port is free for the next one.
    const heldPlaces = this.#services.claims.heldByOthers(this.#holderOf(id), 'waits');
    this.#tell(id, { type: 'boards', boards: this.#boards, heldPlaces });
  }

  #holderOf(id: string): ClaimHolder {
    const known = this.#holders.get(id);
    if (known !== undefined) return known;
    const holder = this.#services.claims.holder('flow');
    this.#holders.set(id, holder);
    return holder;
  }

  #set(flow: FlowState): void {
    this.#table.set(flow);
    this.#holderOf(flow.id).set(claimsOf(flow));
  }

  #delete(id: string): void {
    this.#table.delete(id);
    this.#holders.get(id)?.release();
    this.#holders.delete(id);
  }

  #tell(id: string, event: FlowChoice | FlowNews): void {
    const before = this.#table.get(id);
    if (before === null) return;
    const { state, effects } = flowAfter(before, { ...event, at: this.#services.now().toISOString() });
    if (state !== before) {
      this.#set(state);
      this.#dropDone(state);
      this.#save();
    }
    for (const effect of effects) this.#do(id, effect);
  }

  /** If the port now belongs to another board, it is no longer where an earlier flow ended. */
  #dropDone({ id, place }: FlowState): void {
    if (place === null) return;
    for (const other of this.#table.all()) {
      if (other.id !== id && other.stage === 'done' && other.place === place) this.#delete(other.id);
    }
  }

  #do(id: string, effect: FlowEffect): void {
    switch (effect.type) {
      case 'look':
        this.#look(id);
        return;
      case 'start-flash':
        void this.#startFlash(id, effect);
        return;
      case 'write-card':
        void this.#writeCard(id, effect);
        return;
      case 'search':
        this.#services.writing.search(effect.jobId);
        return;
      case 'start-pi':
        this.#startPi(id, effect.piId, effect.work);
    }
  }

  async #writeCard(
    id: string,
    { card, board, image, confirmations }: Extract<FlowEffect, { type: 'write-card' }>,
  ): Promise<void> {
    const { presetId, variantId } = board;
    try {
      const order = { card, board: { presetId, variantId }, image, confirmations };
      const { fileName, isEjected } = await this.#services.cards.write(order, this.#stop.signal);
      this.#tell(id, { type: 'card-written', fileName, isEjected });
    } catch (thrown) {
      this.#tell(id, { type: 'card-refused', trouble: troubleOf(toCanopusError(thrown)) });
    }
  }

  #startPi(id: string, piId: string, work: PiWork): void {
    try {
      const { jobId } = this.#piJob(piId, work);
      this.#tell(id, { type: 'pi-started', jobId });
      void this.#followJob(id, jobId);
    } catch (thrown) {
      this.#tell(id, { type: 'pi-refused', trouble: troubleOf(toCanopusError(thrown)) });
    }
  }

  #piJob(id: string, work: PiWork): { jobId: string } {
    const { pis } = this.#services;
    const { confirmedIdle } = work;
    switch (work.kind) {
      case 'apply':
        return pis.jobs.apply({ id, planId: work.planId, confirmedIdle });
      case 'resume':
        return pis.jobs.resume({ id, confirmedIdle });
      case 'undo':
        return pis.jobs.undo({ id, changeId: work.changeId, force: false, confirmedIdle });
      case 'prove':
        return pis.jobs.prove({ id, goal: work.goal, reset: 'auto', confirmedIdle });
    }
  }

  async #startFlash(
    id: string,
    {
      place,
      board,
      images,
      confirmations,
      backup,
      crystalHz,
      search,
    }: Extract<FlowEffect, { type: 'start-flash' }>,
  ): Promise<void> {
    try {
      const { presetId, variantId } = board;
      const order = {
        place,
        board: { presetId, variantId },
        images,
        confirmReadUnprotect: false,
        confirmations,
        backup,
        crystalHz,
        search,
      };
      const { jobId } = await this.#services.writing.flash(order, this.#holderOf(id));
      this.#tell(id, { type: 'flash-started', jobId });
      void this.#followJob(id, jobId);
    } catch (thrown) {
      this.#tell(id, { type: 'flash-refused', trouble: troubleOf(toCanopusError(thrown)) });
    }
  }

  #save(): void {
    // One in which nothing was chosen has nothing to go on with after a restart.
    this.#file.keep(this.#table.all().filter(isBegun));
  }
}

/** A flow claims the place of its board until it is done; while it has trouble, a person decides. */
function claimsOf({ place, stage, trouble }: FlowState): readonly Claim[] {
  if (place === null || stage === 'done') return [];
  if (stage === 'pi') return [{ place, strength: 'keeps' }];
  const writes = (stage === 'dfu' || stage === 'flash') && trouble === null;
  return [{ place, strength: writes ? 'writes' : 'waits' }];
}

/** A marking in the form for comparison. Throws `chip/bad-marking`. */
function readConfirmations({ chipMarking, ...others }: Confirmations): Confirmations {
  return { ...others, chipMarking: chipMarking === null ? null : parseMarking(chipMarking) };
}

function newsOf({ id, uid, canbusUuid, backupId, status, error, proofs, report }: JobView): FlowNews {
  return {
    type: 'job',
    jobId: id,
    uid,
    canbusUuid,
    backupId,
    found: report?.kind === 'flash-board' ? report.found : null,
    status,
    proofs,
    trouble: error === null ? null : troubleOf(error),
  };
}

function unknownFlow(id: string): CanopusError {
  return new CanopusError('flow/unknown', `There is no flow ${id}.`, { id });
}
