import { imagesOverUsb } from '../../../app/image/images-over-usb.ts';
import { aborted } from '../../../app/aborted.ts';
import { type PlaceId, placeWords, portPathOf } from '../../../app/place.ts';
import type { Board } from '../../../app/boards/board.ts';
import type { Preset } from '../../../app/boards/preset-schema.ts';
import type { BenchChoice, BenchEffect, BenchNews } from '../../../app/bench/bench-event.ts';
import { benchAfter, isDone, overlappingRecipe } from '../../../app/bench/bench.ts';
import type { KnownKlipper } from '../../../app/bench/bench-recipe.ts';
import { troubleOf, type Trouble } from '../../../app/errors/trouble.ts';
import { benchCounts, isArmed, type BenchState, type SlotState } from '../../../app/bench/bench-state.ts';
import {
  arrange,
  ignoredPlaces,
  slotName,
  withoutPlace,
  withPlace,
  type SlotMap,
} from '../../../app/bench/slot-map.ts';
import { itemsOf, LiveTable, type TableEvent } from '../../../app/contract/live-table.ts';
import { LiveValue } from '../../../app/contract/live-value.ts';
import type { JobView, StationEvent, StationInput } from '../../../app/contract/station-contract.ts';
import { CanopusError, toCanopusError } from '../../../app/errors.ts';
import { probeDfu } from '../../../app/flash/dfu-facts.ts';
import { readKatapultStatus } from '../../../app/flash/katapult-connect.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { DeviceAccess } from '../../devices/device-access.ts';
import type { ImageCache } from '../../firmware/image-cache.ts';
import type { JobList } from '../../jobs/job-list.ts';
import type { Claim, ClaimHolder, Claims } from '../claims.ts';
import type { LiveBoards } from '../live-boards.ts';
import type { BenchRecipe } from '../../../app/bench/bench-recipe.ts';
import { recipeFor } from './bench-arming.ts';
import type { BenchFile, KeptBench } from './bench-file.ts';
import type { StartedRun, Writing } from '../writing.ts';

type BenchSession = StationEvent<'bench.session'>;
type BenchSlotView = SlotState & { readonly id: string };

export interface BenchServices {
  readonly boards: Pick<LiveBoards, 'all' | 'follow'>;
  readonly jobs: Pick<JobList, 'overview' | 'cancel'>;
  readonly writing: Pick<Writing, 'flash'>;
  readonly claims: Claims;
  readonly devices: Pick<DeviceAccess, 'openUsb' | 'openSerial'>;
  readonly clock: Clock;
  readonly cache: Pick<ImageCache, 'readRecord'>;
  readonly presets: readonly Preset[];
  /** The Klipper on a chip, if known. */
  klipperOn(uid: string): Promise<KnownKlipper | null>;
  /** Work on boards that the station's last end interrupted. */
  cutOff(): readonly { readonly place: PlaceId; readonly trouble: Trouble }[];
  /** Where the bench is kept across a restart. */
  readonly file: BenchStore;
  now(): Date;
}

/** What a question or an order of the bench is about. */
interface AboutBoard {
  readonly place: PlaceId;
  readonly boardId: string;
}

export type BenchStore = Pick<BenchFile, 'current' | 'keep' | 'settled'>;

/** Keeps the slots and the session of a station's bench, sends them events and carries out their effects. */
export class BenchRunner implements AsyncDisposable {
  readonly #services: BenchServices;
  readonly #slots = new LiveTable<BenchSlotView>();
  readonly #session: LiveValue<BenchSession>;
  readonly #file: BenchStore;
  readonly #holder: ClaimHolder;
  readonly #stop = new AbortController();
  readonly #following: Promise<unknown>[] = [];
  /** What each client that limits the bench lets it touch. */
  readonly #limits = new Set<readonly PlaceId[]>();
  #state: BenchState;
  #map: SlotMap;

  private constructor(services: BenchServices, kept: KeptBench) {
    this.#services = services;
    this.#file = services.file;
    this.#holder = services.claims.holder('bench');
    this.#state = kept.state;
    this.#map = kept.map;
    for (const slot of kept.state.slots) this.#slots.set({ ...slot, id: slot.place });
    this.#session = new LiveValue(this.#sessionNow());
  }

  /** Reads the saved state; nothing is armed. */
  static open(services: BenchServices): BenchRunner {
    const runner = new BenchRunner(services, services.file.current);
    runner.#tell({ type: 'resumed', cutOff: services.cutOff() });
    runner.#following.push(runner.#followBoards(), runner.#lookAfterJobs());
    return runner;
  }

  get state(): BenchState {
    return this.#state;
  }

  get map(): SlotMap {
    return this.#map;
  }

  followSlots(signal: AbortSignal): AsyncGenerator<TableEvent<BenchSlotView>, void, void> {
    return this.#slots.follow(signal);
  }

  /** Now, then after each change. */
  followSession(signal: AbortSignal): AsyncGenerator<BenchSession, void, void> {
    return this.#session.follow(signal);
  }

  /** See `bench.check` of the contract. */
  check(order: StationInput<'bench.arm'>): Promise<BenchRecipe> {
    return recipeFor(order, this.#services.presets, this.#services.cache);
  }

  /** See `bench.arm` of the contract. */
  async arm(order: StationInput<'bench.arm'>): Promise<{ recipeId: string }> {
    const recipe = await this.check(order);
    const other = overlappingRecipe(this.#state, recipe);
    const isSameBoard =
      other?.board.presetId === recipe.board.presetId && other.board.variantId === recipe.board.variantId;
    if (other !== null && !isSameBoard) {
      throw new CanopusError(
        'bench/overlapping-recipes',
        `${other.name} is armed, and in ROM DFU its boards cannot be told from those of ${recipe.name}.`,
        { armed: other.id, wanted: recipe.id },
      );
    }
    if (other !== null) this.#tell({ type: 'disarm', recipeId: other.id });
    this.#tell({ type: 'arm', recipe });
    return { recipeId: recipe.id };
  }

  /** A recipe of this session. Throws `bench/unknown-recipe`. */
  requireRecipe(recipeId: string): BenchRecipe {
    const recipe = this.#state.recipes.find(({ id }) => id === recipeId);
    if (recipe !== undefined) return recipe;
    throw new CanopusError('bench/unknown-recipe', `There is no recipe ${recipeId}.`, { recipeId });
  }

  /** Throws `bench/unknown-recipe`. */
  disarm(recipeId: string | null): void {
    if (recipeId !== null) this.requireRecipe(recipeId);
    this.#tell({ type: 'disarm', recipeId });
  }

  choose(choice: Exclude<BenchChoice, { type: 'arm' | 'disarm' }>): void {
    this.#tell(choice);
  }

  /** Throws `bench/bad-map`. */
  arrange(wanted: SlotMap): SlotMap {
    this.#setMap(arrange(this.#map, wanted));
    this.#look();
    return this.#map;
  }

  forgetSlot(place: PlaceId): void {
    this.#setMap(withoutPlace(this.#map, place));
  }

  /** See `bench.limit` of the contract. */
  async *limit(
    { places }: StationInput<'bench.limit'>,
    signal: AbortSignal,
  ): AsyncGenerator<StationEvent<'bench.limit'>, void, void> {
    this.#limits.add(places);
    this.#look();
    try {
      yield { places };
      await aborted(signal);
    } finally {
      if (!this.#stop.signal.aborted) {
        if (isArmed(this.#state)) this.disarm(null);
        this.#limits.delete(places);
        this.#look();
      }
    }
  }

  /** Resolves when everything so far is on disk, or could not be written. */
  saved(): Promise<void> {
    return this.#file.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#following);
    await this.#file.settled();
  }

  async #followBoards(): Promise<void> {
    for await (const event of this.#services.boards.follow(this.#stop.signal)) {
      if (event.type !== 'gone') this.#placeBoards(event.type === 'all' ? event.items : [event.item]);
      this.#look();
    }
  }

  #placeBoards(boards: readonly Board[]): void {
    const known = boards.filter(({ place, mode }) => place !== null && mode !== 'unknown');
    this.#setMap(known.reduce((map, { place }) => (place === null ? map : withPlace(map, place)), this.#map));
  }

  async #lookAfterJobs(): Promise<void> {
    for await (const event of this.#services.jobs.overview(this.#stop.signal)) {
      const jobs = itemsOf(event);
      for (const job of jobs) {
        // Work that has ended leaves a board that may be the bench's now.
        if (job.endedAt !== null && job.place !== null && isArmed(this.#state)) this.#look();
      }
    }
  }

  #look(): void {
    const { boards, claims } = this.#services;
    const all = boards.all();
    const others = all
      .flatMap(({ place }) => place ?? [])
      .filter((place) => ![...this.#limits].every((places) => places.includes(place)));
    this.#tell({
      type: 'boards',
      boards: all,
      ignoredPlaces: [...ignoredPlaces(this.#map), ...others],
      heldPlaces: claims.heldByOthers(this.#holder, 'keeps'),
    });
  }

  #tell(event: BenchChoice | BenchNews): void {
    const before = this.#state;
    const { state, effects } = benchAfter(before, { ...event, at: this.#services.now().toISOString() });
    if (state !== before) {
      this.#state = state;
      this.#holder.set(claimsOf(state, this.#services.boards.all()));
      this.#publishSlots(before, state);
      this.#publish();
      this.#keep();
    }
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: BenchEffect): void {
    switch (effect.type) {
      case 'look': {
        this.#look();
        return;
      }
      case 'cancel':
        return void this.#services.jobs.cancel(effect.jobId);
      case 'probe':
        return void this.#answer(effect, () => this.#probe(effect));
      case 'ask-firmware':
        return void this.#answer(effect, async () => {
          const klipper = await this.#services.klipperOn(effect.uid);
          const { place, boardId } = effect;
          return { type: 'firmware', place, boardId, klipper };
        });
      case 'start':
        return void this.#start(effect);
    }
  }

  async #probe({ place, boardId }: Extract<BenchEffect, { type: 'probe' }>): Promise<BenchNews> {
    const { boards, devices, clock } = this.#services;
    const { signal } = this.#stop;
    const board = boards.all().find(({ id }) => id === boardId);
    if (board?.mode === 'katapult') {
      await using port = await devices.openSerial(portPathOf(place));
      const { mcu } = await readKatapultStatus(port, { clock, signal });
      return { type: 'katapult', place, boardId, mcu };
    }
    await using link = await devices.openUsb(portPathOf(place));
    const facts = await probeDfu(link, signal);
    return { type: 'probed', place, boardId, facts };
  }

  async #start(effect: Extract<BenchEffect, { type: 'start' }>): Promise<void> {
    const { place, boardId } = effect;
    const run = await this.#tried(effect, () => this.#write(effect));
    if (run === null) return;
    this.#tell({ type: 'started', place, boardId, jobId: run.jobId });
    for await (const view of run.follow(this.#stop.signal)) this.#tell(newsOf(view));
  }

  #write(effect: Extract<BenchEffect, { type: 'start' }>): Promise<StartedRun> {
    const { place, boardId, recipe, confirmations, evenIfDone } = effect;
    const order = {
      place,
      board: recipe.board,
      images: imagesOverUsb(recipe.role, recipe.images),
      confirmReadUnprotect: false,
      confirmations,
      backup: recipe.backup,
      crystalHz: recipe.crystalHz,
    };
    return this.#services.writing.flash(order, this.#holder, {
      slot: slotName(this.#map, place),
      checkStart: () => this.#requireSameBoard(place, boardId),
      checkTarget: ({ uid }) => {
        this.#requireSameBoard(place, boardId);
        if (uid !== null && !evenIfDone && isDone(this.#state, uid)) throw alreadyDone(uid);
      },
    });
  }

  /** The recipe was chosen for one board: do not flash a board that was swapped in meanwhile. */
  #requireSameBoard(place: PlaceId, boardId: string): void {
    const there = this.#services.boards.all().find((board) => board.place === place);
    if (there?.id === boardId) return;
    const message = `The board on ${placeWords(place)} was unplugged before its turn came.`;
    throw new CanopusError('device/not-found', message, { place }, { state: 'untouched' });
  }

  /** Sends the result of `ask` to the bench, or why it failed. */
  async #answer(about: AboutBoard, ask: () => Promise<BenchNews>): Promise<void> {
    const news = await this.#tried(about, ask);
    if (news !== null) this.#tell(news);
  }

  /** The result of `work`, or null once the bench has the reason why it failed. */
  async #tried<T>({ place, boardId }: AboutBoard, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (this.#stop.signal.aborted) return null;
      // Nothing was begun: a run that was reports its own end.
      const trouble = troubleOf(toCanopusError(error).withState('untouched'));
      this.#tell({ type: 'refused', place, boardId, trouble });
      return null;
    }
  }

  #setMap(map: SlotMap): void {
    if (map === this.#map) return;
    this.#map = map;
    this.#publish();
    this.#keep();
  }

  #publishSlots(before: BenchState, after: BenchState): void {
    const old = new Set(before.slots);
    for (const slot of after.slots) if (!old.has(slot)) this.#slots.set({ ...slot, id: slot.place });
  }

  #publish(): void {
    this.#session.set(this.#sessionNow());
  }

  #sessionNow(): BenchSession {
    const { startedAt, recipes, signal } = this.#state;
    return {
      startedAt,
      recipes: recipes.map((recipe) => ({ recipe, counts: benchCounts(this.#state, recipe.id) })),
      counts: benchCounts(this.#state),
      signal,
      map: this.#map,
    };
  }

  #keep(): void {
    this.#file.keep({ map: this.#map, state: this.#state });
  }
}

/**
 * While the bench is armed it writes to what comes to its slots, but for the ones it is to leave alone. A bridge that no
 * recipe wants is only kept: the nodes behind it may be written.
 */
function claimsOf(state: BenchState, boards: readonly Board[]): readonly Claim[] {
  if (!isArmed(state)) return [];
  const wantsBridges = state.recipes.some(
    ({ isArmed: is, modes }) => is && modes.includes('outdated-bridge'),
  );
  return state.slots.flatMap(({ place, why, stage }) => {
    if (why === 'ignored') return [];
    const isBridge = boards.some((board) => board.place === place && board.mode === 'can-bridge');
    return [{ place, strength: isBridge && stage === 'idle' && !wantsBridges ? 'keeps' : 'writes' }];
  });
}

function newsOf({ id, uid, canbusUuid, status, error, report }: JobView): BenchNews {
  const trouble = error === null ? null : troubleOf(error);
  const done = report?.kind === 'flash-board' ? report : null;
  const klipperSha256 = done?.written.application?.sha256;
  const found = done?.found && klipperSha256 !== undefined ? { ...done.found, klipperSha256 } : null;
  return { type: 'job', jobId: id, uid, canbusUuid, found, status, trouble };
}

function alreadyDone(uid: string): CanopusError {
  return new CanopusError(
    'bench/already-done',
    `The chip ${uid} was done in this session.`,
    { uid },
    { state: 'untouched' },
  );
}
