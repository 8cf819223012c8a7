import type { PortPath } from '../../../app/place.ts';
import { type PlaceId, usbPlace } from '../../../app/place.ts';
import { emptyTracker, track, type TrackerState } from '../../../app/boards/tracker.ts';
import type { UsbDevice, UsbDeviceEvent } from '../../../app/boards/usb-device.ts';
import { benchAfter, isDone } from '../../../app/bench/bench.ts';
import type { BenchChoice, BenchEffect, BenchNews } from '../../../app/bench/bench-event.ts';
import type { BenchRecipe } from '../../../app/bench/bench-recipe.ts';
import { emptyBench, type BenchState } from '../../../app/bench/bench-state.ts';
import type { ErrorCode } from '../../../app/errors.ts';
import { f407, f407Facts, f429, f429Facts, f446, f446Facts } from './bench-fixture.ts';

const kinds = [
  { recipe: f446, facts: f446Facts, tellsUid: true, serial: 'STM32FxSTM32' },
  // All with one serial number, as parts of one wafer's place have it.
  { recipe: f407, facts: f407Facts, tellsUid: false, serial: null },
  { recipe: f429, facts: f429Facts, tellsUid: true, serial: null },
] as const;

/** A board as a person has it; `katapult` and `klipper` name the recipe whose image is there, or `partial`. */
interface ModelBoard {
  readonly index: number;
  readonly kind: (typeof kinds)[number];
  readonly uid: string;
  port: PortPath | null;
  jumper: boolean;
  katapult: string | null;
  klipper: string | null;
  running: 'dfu' | 'katapult' | 'can-bridge' | 'silent';
  /** Counts how often it appeared. */
  visit: number;
}

interface ModelJob {
  readonly id: string;
  readonly place: PlaceId;
  readonly boardId: string;
  readonly recipe: BenchRecipe;
  readonly evenIfDone: boolean;
  step: 'begin' | 'katapult' | 'back' | 'klipper' | 'bridge';
  uid: string | null;
  dfuSerial: string | null;
  on: { board: ModelBoard; visit: number } | null;
  isCancelled: boolean;
  patience: number;
}

/** How many turns a job waits for hands. */
const patience = 40;
const stepMs = 200;

/**
 * A bench with a flasher, boards and hands in one thread: the decisions are the product's, everything else is a model
 * of what `flashBoard` and the boards do, step by step, so that anything can happen between any two steps.
 */
export class BenchWorld {
  readonly boards: ModelBoard[];
  bench: BenchState = emptyBench;
  /** What must never happen and did. */
  readonly faults: string[] = [];
  readonly jobs = new Map<string, ModelJob>();
  /** UIDs of boards that a job has brought to its end. */
  readonly doneUids = new Set<string>();
  readonly #random: () => number;
  #tracker: TrackerState = emptyTracker;
  #questions: (() => void)[] = [];
  #nowMs = Date.UTC(2026, 0, 1);
  #count = 0;

  constructor(count: number, random: () => number) {
    this.#random = random;
    this.boards = Array.from({ length: count }, (_, index) => ({
      index,
      kind: kinds[index % kinds.length] ?? kinds[0],
      uid: `${hex(0x43 + index)}0014000A50534E${hex(0x8e - index)}313120`,
      port: null,
      jumper: true,
      katapult: null,
      klipper: null,
      running: 'silent' as const,
      visit: 0,
    }));
  }

  static portOf(index: number): PortPath {
    return `1-${1 + (index >> 3)}.${1 + (index & 7)}`;
  }

  tell(event: BenchChoice | BenchNews): void {
    const { state, effects } = benchAfter(this.bench, { ...event, at: new Date(this.#nowMs).toISOString() });
    this.bench = state;
    for (const effect of effects) this.#do(effect);
  }

  arm(): void {
    for (const { recipe } of kinds) this.tell({ type: 'arm', recipe: { ...recipe, modes: ['dfu'] } });
  }

  /** Time goes on: one job or one question gets a step further. */
  turn(): void {
    this.#nowMs += stepMs;
    const [question] = this.#questions.splice(Math.floor(this.#random() * this.#questions.length), 1);
    question?.();
    for (const job of [...this.jobs.values()]) if (this.#random() < 0.5) this.#advance(job);
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  plug(board: ModelBoard, port: PortPath): void {
    const there = this.boards.find((other) => other.port === port);
    if (there !== undefined) this.unplug(there);
    this.unplug(board);
    board.port = port;
    this.#start(board);
  }

  unplug(board: ModelBoard): void {
    this.#hide(board);
    board.port = null;
  }

  /** Power off, jumper on or off, power on. */
  powerCycle(board: ModelBoard, jumper: boolean): void {
    this.#hide(board);
    board.jumper = jumper;
    if (board.port !== null) this.#start(board);
  }

  /** The station ends at once and is started anew: nothing survives but what is kept. */
  crash(): void {
    for (const job of this.jobs.values()) this.#abandon(job);
    this.jobs.clear();
    this.#questions = [];
    this.#tracker = emptyTracker;
    this.bench = JSON.parse(JSON.stringify(this.bench)) as BenchState;
    this.tell({ type: 'resumed', cutOff: [] });
    for (const board of this.boards) {
      const device = deviceOf(board);
      if (device !== null) this.#happen({ type: 'attach', device });
    }
  }

  get isQuiet(): boolean {
    return this.jobs.size === 0 && this.#questions.length === 0;
  }

  #do(effect: BenchEffect): void {
    if (effect.type === 'look') this.#look();
    else if (effect.type === 'cancel') {
      const job = this.jobs.get(effect.jobId);
      if (job !== undefined) job.isCancelled = true;
    } else if (effect.type === 'start') this.#startJob(effect);
    else this.#questions.push(() => this.#answer(effect));
  }

  #answer(effect: Extract<BenchEffect, { type: 'probe' | 'ask-firmware' }>): void {
    const { place, boardId } = effect;
    const board = this.#at(place);
    if (effect.type === 'ask-firmware') {
      this.tell({ type: 'firmware', place, boardId, klipper: null });
    } else if (board?.running !== 'dfu') {
      const trouble = { code: 'link/gone', message: 'gone', state: 'untouched' } as const;
      this.tell({ type: 'refused', place, boardId, trouble });
    } else {
      // What is there now may be another board than the one that was asked about.
      this.tell({
        type: 'probed',
        place,
        boardId,
        facts: { ...board.kind.facts, serial: serialOf(board) },
      });
    }
  }

  #startJob({ place, boardId, recipe, evenIfDone }: Extract<BenchEffect, { type: 'start' }>): void {
    if ([...this.jobs.values()].some(({ place: other }) => other === place))
      this.faults.push(`two jobs on ${place}`);
    const board = this.#at(place);
    const speaks = board !== null && board.running !== 'dfu';
    if (speaks && isDone(this.bench, board.uid) && !evenIfDone) this.faults.push(`${board.uid} twice`);
    this.#count += 1;
    const id = `job-${this.#count}`;
    this.jobs.set(id, {
      ...{
        id,
        place,
        boardId,
        recipe,
        evenIfDone,
        step: 'begin',
        uid: null,
        dfuSerial: null,
        on: null,
      },
      ...{ isCancelled: false, patience },
    });
    this.tell({ type: 'started', place, boardId, jobId: id });
  }

  #advance(job: ModelJob): void {
    const board = this.#at(job.place);
    if (job.on !== null && (board !== job.on.board || board.visit !== job.on.visit)) {
      this.#fail(job, 'link/gone');
      return;
    }
    if (job.isCancelled) {
      this.#fail(job, 'cancelled');
      return;
    }
    switch (job.step) {
      case 'begin': {
        this.#begin(job, board);
        return;
      }
      case 'katapult': {
        this.#endKatapult(job);
        return;
      }
      case 'back': {
        this.#beginKlipper(job, board);
        return;
      }
      case 'klipper': {
        this.#endKlipper(job);
        return;
      }
      case 'bridge': {
        this.#finish(job, board);
        return;
      }
    }
  }

  #begin(job: ModelJob, board: ModelBoard | null): void {
    // As the station makes sure that it is still the board that the recipe was chosen for.
    const there = this.#tracker.visits.find(({ place, until }) => place === job.place && until === null);
    if (board === null || there?.board.id !== job.boardId) {
      this.#fail(job, 'device/not-found');
      return;
    }
    if (board.running !== 'dfu') {
      job.step = 'back';
      if (board.running === 'can-bridge') this.#restart(board, 'katapult');
      return;
    }
    // As the flasher checks it again, before it erases.
    if (board.kind.facts.flashBytes > (job.recipe.flashBytes ?? Infinity)) {
      this.#fail(job, 'image/does-not-fit');
      return;
    }
    job.dfuSerial = serialOf(board);
    if (board.kind.tellsUid) {
      job.uid = board.uid;
      if (isDone(this.bench, board.uid) && !job.evenIfDone) {
        this.#fail(job, 'bench/already-done');
        return;
      }
    }
    this.#write(job, board);
    board.katapult = 'partial';
    job.on = { board, visit: board.visit };
    job.step = 'katapult';
  }

  #endKatapult(job: ModelJob): void {
    const board = job.on?.board;
    if (board === undefined) return;
    board.katapult = job.recipe.id;
    board.klipper = null;
    job.on = null;
    job.step = 'back';
    this.#tellJob(job);
    this.#restart(board, 'katapult');
  }

  #beginKlipper(job: ModelJob, board: ModelBoard | null): void {
    if (board?.running !== 'katapult') {
      this.#wait(job);
      return;
    }
    if (!this.#isSameChip(job, board)) {
      this.#fail(job, 'device/returned-as-another');
      return;
    }
    // Katapult says for which chip it was built.
    if (board.katapult !== job.recipe.id) {
      this.#fail(job, 'katapult/wrong-mcu');
      return;
    }
    this.#write(job, board);
    board.klipper = 'partial';
    job.on = { board, visit: board.visit };
    job.step = 'klipper';
    this.#tellJob(job);
  }

  #endKlipper(job: ModelJob): void {
    const board = job.on?.board;
    if (board === undefined) return;
    board.klipper = job.recipe.id;
    job.on = null;
    job.step = 'bridge';
    this.#hide(board);
    this.#start(board);
  }

  #finish(job: ModelJob, board: ModelBoard | null): void {
    if (board === null || board.running === 'dfu' || board.running === 'silent') {
      this.#wait(job);
      return;
    }
    if (!this.#isSameChip(job, board)) {
      this.#fail(job, 'device/returned-as-another');
      return;
    }
    if (board.running === 'katapult') {
      this.#fail(job, 'device/wrong-mode');
      return;
    }
    if (board.katapult !== job.recipe.id || board.klipper !== job.recipe.id)
      this.faults.push(`${board.uid} is called done and is not`);
    this.jobs.delete(job.id);
    this.doneUids.add(board.uid);
    this.tell({
      type: 'job',
      jobId: job.id,
      status: 'done',
      uid: board.uid,
      canbusUuid: null,
      trouble: null,
    });
    if (!isDone(this.bench, board.uid)) this.faults.push(`the record of ${board.uid} is lost`);
  }

  #write(job: ModelJob, board: ModelBoard): void {
    // Done once more: it counts again when it comes to its end again.
    this.doneUids.delete(board.uid);
    if (job.recipe.mcu !== board.kind.recipe.mcu)
      this.faults.push(`${board.uid} gets an image for ${job.recipe.mcu}`);
  }

  #isSameChip(job: ModelJob, board: ModelBoard): boolean {
    const isSame =
      job.uid === null ? (job.dfuSerial ?? serialOf(board)) === serialOf(board) : job.uid === board.uid;
    if (isSame) job.uid = board.uid;
    return isSame;
  }

  #wait(job: ModelJob): void {
    job.patience -= 1;
    if (job.patience <= 0) this.#fail(job, 'device/did-not-return');
  }

  #fail(job: ModelJob, code: ErrorCode): void {
    this.jobs.delete(job.id);
    this.#abandon(job);
    const status = code === 'cancelled' ? 'cancelled' : 'failed';
    const trouble = { code, message: code, state: 'unknown' } as const;
    const slot = this.bench.slots.find(({ jobId }) => jobId === job.id);
    const uid = job.uid ?? slot?.uid ?? null;
    // Put into another slot and done there, while this job still waited for it.
    const wasDone = uid !== null && isDone(this.bench, uid);
    const before = this.bench.outcomes;
    this.tell({ type: 'job', jobId: job.id, status, uid: job.uid, canbusUuid: null, trouble });
    if (code !== 'bench/already-done' && !wasDone && this.bench.outcomes === before)
      this.faults.push(`the record of a failure on ${job.place} is lost`);
    // A board that was done before, and that this job took for its own by the serial number: it is to be done again.
    if (job.uid !== null && !isDone(this.bench, job.uid)) this.doneUids.delete(job.uid);
  }

  /** What was being written stays half written. */
  #abandon(job: ModelJob): void {
    job.on = null;
  }

  #tellJob({ id, uid }: ModelJob): void {
    this.tell({ type: 'job', jobId: id, status: 'running', uid, canbusUuid: null, trouble: null });
  }

  #at(place: PlaceId): ModelBoard | null {
    return this.boards.find((board) => board.port !== null && usbPlace(board.port) === place) ?? null;
  }

  #restart(board: ModelBoard, running: ModelBoard['running']): void {
    this.#hide(board);
    this.#show(board, running);
  }

  #start(board: ModelBoard): void {
    const { jumper, katapult, klipper } = board;
    const isWhole = (image: string | null): boolean => image !== null && image !== 'partial';
    if (jumper) this.#show(board, 'dfu');
    else if (!isWhole(katapult)) this.#show(board, 'silent');
    else this.#show(board, isWhole(klipper) ? 'can-bridge' : 'katapult');
  }

  #show(board: ModelBoard, running: ModelBoard['running']): void {
    board.running = running;
    board.visit += 1;
    const device = deviceOf(board);
    if (device !== null) this.#happen({ type: 'attach', device });
  }

  #hide(board: ModelBoard): void {
    const wasShown = deviceOf(board) !== null;
    board.running = 'silent';
    board.visit += 1;
    if (wasShown && board.port !== null) this.#happen({ type: 'detach', portPath: board.port });
  }

  #happen(event: UsbDeviceEvent): void {
    this.#tracker = track(this.#tracker, event);
    this.#look();
  }

  #look(): void {
    this.tell({
      type: 'boards',
      boards: this.#tracker.visits.map(({ board }) => board),
      ignoredPlaces: [],
      heldPlaces: [],
    });
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0').toUpperCase();

/** What F407 and F429 ROMs make of every one of these UIDs. */
const sumOfUid = '204531D14E53';

function serialOf({ kind }: ModelBoard): string {
  return kind.serial ?? sumOfUid;
}

function deviceOf(board: ModelBoard): UsbDevice | null {
  const { port, running, kind, uid } = board;
  if (port === null || running === 'silent') return null;
  const isDfu = running === 'dfu';
  const product = running === 'katapult' ? 0x6177 : 0x606f;
  return {
    portPath: port,
    vendorId: isDfu ? 0x0483 : 0x1d50,
    productId: isDfu ? 0xdf11 : product,
    bcdDevice: 0x0100,
    manufacturer: isDfu ? 'STMicroelectronics' : running === 'katapult' ? 'katapult' : 'Klipper',
    product: isDfu ? 'STM32  BOOTLOADER' : kind.recipe.mcu,
    serialNumber: isDfu ? serialOf(board) : uid,
    interfaces: null,
    tty: running === 'katapult' ? '/dev/ttyACM0' : null,
    access: { ok: true },
    driver: null,
  };
}
