import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { writeFile } from 'atomically';
import type { Board } from '../../app/boards/board.ts';
import type { Preset } from '../../app/boards/preset-schema.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import type { FlowInput, JobView, StationInput } from '../../app/contract/station-contract.ts';
import { CanopusError, toCanopusError } from '../../app/errors.ts';
import { flowAfter, isWriting } from '../../app/flow/flow.ts';
import type { FlowChoice, FlowEffect, FlowNews } from '../../app/flow/flow-event.ts';
import { newFlow, type FlowBoard, type FlowState, type FlowTrouble } from '../../app/flow/flow-state.ts';
import type { JobList } from '../jobs/job-list.ts';
import { parseFlows } from './flow-file.ts';
import { variantOf, type FlashJobs } from './flash-jobs.ts';
import type { LiveBoards } from './live-boards.ts';

export interface FlowServices {
  readonly boards: LiveBoards;
  readonly jobs: JobList;
  readonly flash: Pick<FlashJobs, 'start'>;
  readonly presets: readonly Preset[];
  /** Ports on which what comes is not a flow's, unless a person says so. */
  heldPorts(): readonly string[];
  /** Where flows are kept over a restart. */
  readonly folder: string;
  now(): Date;
  /** Told when the file could not be written; the flows go on. */
  onUnsaved(error: unknown): void;
}

/** Keeps the flows of a station, tells them what happens and does what they want done. */
export class FlowRunner implements AsyncDisposable {
  readonly #table = new LiveTable<FlowState>();
  readonly #services: FlowServices;
  readonly #stop = new AbortController();
  readonly #following: Promise<unknown>[] = [];
  readonly #file: string;
  #saving: Promise<void> = Promise.resolve();
  #boards: readonly Board[] = [];

  private constructor(services: FlowServices) {
    this.#services = services;
    this.#file = join(services.folder, 'flows.json');
  }

  /** Reads the flows that were left and goes on with them. */
  static async open(services: FlowServices): Promise<FlowRunner> {
    const runner = new FlowRunner(services);
    const text = await readFile(runner.#file, 'utf8').catch(() => '[]');
    for (const flow of parseFlows(text)) {
      runner.#table.set(flow);
      runner.#tell(flow.id, { type: 'resumed' });
    }
    runner.#following.push(runner.#followBoards(), runner.#followJobs());
    return runner;
  }

  /** Ports that are some flow's: from when its board was seen there until it is done. */
  get ports(): readonly string[] {
    return this.#table.all().flatMap(({ portPath, stage }) => (stage === 'done' ? [] : (portPath ?? [])));
  }

  follow(signal: AbortSignal): AsyncGenerator<TableEvent<FlowState>, void, void> {
    return this.#table.follow(signal);
  }

  /** Begins a flow, for what is on a port or for a board that is still to come. */
  start(portPath: string | null): { id: string } {
    const at = this.#services.now();
    const number = this.#table.all().filter(({ startedAt }) => startedAt === at.toISOString()).length;
    const id = `${at.getTime().toString(36)}-${number}`;
    this.#table.set(newFlow(id, at.toISOString(), portPath));
    this.#save();
    return { id };
  }

  /** Throws `flow/unknown` and `preset/unknown`. */
  choose({ id, choice }: StationInput<'flows.choose'>): void {
    if (this.#table.get(id) === null) throw unknownFlow(id);
    this.#tell(id, this.#choiceOf(choice));
  }

  /** Forgets a flow; what it has running is cancelled. */
  remove(id: string): void {
    const flow = this.#table.get(id);
    if (flow === null) throw unknownFlow(id);
    if (isWriting(flow) && flow.jobId !== null) this.#services.jobs.cancel(flow.jobId);
    this.#table.delete(id);
    this.#save();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#following);
    await this.#saving;
  }

  #choiceOf(choice: FlowInput): FlowChoice {
    if (choice.type !== 'choose-board') return choice;
    const { preset, variants } = variantOf(this.#services.presets, choice.board);
    const [variant] = variants;
    if (variant === undefined)
      throw new CanopusError('preset/unknown', `${preset.name} has no such variant.`);
    const board: FlowBoard = {
      ...choice.board,
      name: preset.name,
      mcu: variant.mcu.value,
      crystalHz: variant.crystalHz.value,
      confirms: (preset.hazards.value ?? []).flatMap(({ confirm }) => confirm ?? []),
    };
    return { type: 'choose-board', board };
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

  async #followJobs(): Promise<void> {
    for await (const event of this.#services.jobs.overview(this.#stop.signal)) {
      const jobs = event.type === 'all' ? event.items : event.type === 'item' ? [event.item] : [];
      for (const job of jobs) {
        const flow = this.#table.all().find(({ jobId }) => jobId === job.id);
        if (flow !== undefined) this.#tell(flow.id, newsOf(job));
      }
    }
  }

  #look(id: string): void {
    const inJobs = this.#services.jobs.running.flatMap(({ portPath }) => portPath ?? []);
    const others = this.#table.all().filter((flow) => flow.id !== id && flow.stage !== 'done');
    const inFlows = others.flatMap(({ portPath }) => portPath ?? []);
    const heldPorts = [...inJobs, ...inFlows, ...this.#services.heldPorts()];
    this.#tell(id, { type: 'boards', boards: this.#boards, heldPorts });
  }

  #tell(id: string, event: FlowChoice | FlowNews): void {
    const before = this.#table.get(id);
    if (before === null) return;
    const { state, effects } = flowAfter(before, { ...event, at: this.#services.now().toISOString() });
    if (state !== before) {
      this.#table.set(state);
      this.#dropDone(state);
      this.#save();
    }
    for (const effect of effects) this.#do(id, effect);
  }

  /** A port that is another board's now is not any more where an earlier flow ended. */
  #dropDone({ id, portPath }: FlowState): void {
    if (portPath === null) return;
    for (const other of this.#table.all()) {
      if (other.id !== id && other.stage === 'done' && other.portPath === portPath)
        this.#table.delete(other.id);
    }
  }

  #do(id: string, effect: FlowEffect): void {
    if (effect.type === 'look') this.#look(id);
    else void this.#startFlash(id, effect);
  }

  async #startFlash(
    id: string,
    { portPath, board, images }: Extract<FlowEffect, { type: 'start-flash' }>,
  ): Promise<void> {
    try {
      const { presetId, variantId } = board;
      const order = { portPath, board: { presetId, variantId }, ...images, confirmReadUnprotect: false };
      const { jobId } = await this.#services.flash.start(order);
      this.#tell(id, { type: 'flash-started', jobId });
      const job = this.#services.jobs.all().find((view) => view.id === jobId);
      if (job !== undefined) this.#tell(id, newsOf(job));
    } catch (thrown) {
      this.#tell(id, { type: 'flash-refused', trouble: troubleOf(toCanopusError(thrown)) });
    }
  }

  /** One write after the other; only the newest state matters. */
  #save(): void {
    this.#saving = this.#saving.then(async () => {
      try {
        await mkdir(dirname(this.#file), { recursive: true });
        await writeFile(this.#file, JSON.stringify(this.#table.all(), null, 2));
      } catch (error) {
        this.#services.onUnsaved(error);
      }
    });
  }
}

function newsOf({ id, uid, canbusUuid, status, error }: JobView): FlowNews {
  return {
    type: 'job',
    jobId: id,
    uid,
    canbusUuid,
    status,
    trouble: error === null ? null : troubleOf(error),
  };
}

function troubleOf({ code, message, state }: Pick<CanopusError, 'code' | 'message' | 'state'>): FlowTrouble {
  return { code, message, state };
}

function unknownFlow(id: string): CanopusError {
  return new CanopusError('flow/unknown', `There is no flow ${id}.`, { id });
}
