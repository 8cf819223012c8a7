import { type PlaceId, usbPlace } from '../../app/place.ts';
import type { SavedRecipe } from '../../app/bench/saved-recipe.ts';
import type { Board } from '../../app/boards/board.ts';
import type { ClientStatus } from '../../app/contract/client.ts';
import type { TableEvent } from '../../app/contract/live-table.ts';
import type {
  BenchSlotView,
  JobView,
  PiQuestion,
  PiView,
  PresetView,
  StationClient,
  StationEvent,
  StationOutput,
  VirtualBoardView,
  VirtualPiView,
} from '../../app/contract/station-contract.ts';
import { isCanopusError, toCanopusError, type CanopusError } from '../../app/errors.ts';
import type { FlowState } from '../../app/flow/flow-state.ts';
import { defaultSettings, type Settings } from '../../app/settings/settings.ts';
import type { Clock } from '../../app/transport/clock.ts';
import { FrameBatch } from './frame-batch.ts';
import { LiveItems } from './live-items.svelte.ts';

type WatchName =
  | 'boards.watch'
  | 'jobs.overview'
  | 'flows.watch'
  | 'pi.watch'
  | 'pi.questions'
  | 'bench.session'
  | 'bench.slots'
  | 'recipes.watch'
  | 'sim.watch'
  | 'sim.watchPi'
  | 'settings.watch';

/** Delay before a failed watch is started again. */
const retryMs = 1000;

/** What a window knows about its station; follows it from `open` to `close`. */
export class StationState {
  readonly client: StationClient;
  readonly boards = new LiveItems<Board>();
  readonly jobs = new LiveItems<JobView>();
  readonly flows = new LiveItems<FlowState>();
  readonly pis = new LiveItems<PiView>();
  /** Questions to the person; their answers are not stored. */
  readonly questions = new LiveItems<PiQuestion>();
  readonly slots = new LiveItems<BenchSlotView>();
  /** Recipes that were saved, to be armed again. */
  readonly recipes = new LiveItems<SavedRecipe>();
  /** What is armed, its progress, and the map of slots; null until the station has sent it. */
  session: StationEvent<'bench.session'> | null = $state.raw(null);
  readonly virtual = new LiveItems<VirtualBoardView>();
  /** True once there is a virtual board. */
  readonly virtualPis = new LiveItems<VirtualPiView>();
  status: ClientStatus = $state('connecting');
  info: StationOutput<'app.info'> | null = $state.raw(null);
  settings: Settings = $state.raw(defaultSettings);
  presets: readonly PresetView[] = $state.raw([]);
  /** Parts that the station could not send; they are requested again. */
  trouble: { readonly name: WatchName; readonly error: CanopusError } | null = $state.raw(null);
  readonly #clock: Clock;
  readonly #onSettings: ((settings: Settings) => void) | undefined;
  /** Resolves once `settings` come from the station and are no longer the defaults. */
  readonly settingsRead: Promise<void>;
  #haveSettings: () => void = () => undefined;
  readonly #stop = new AbortController();
  readonly #batch = new FrameBatch();

  constructor(client: StationClient, clock: Clock, onSettings?: (settings: Settings) => void) {
    this.client = client;
    this.#clock = clock;
    this.#onSettings = onSettings;
    this.settingsRead = new Promise((resolve) => (this.#haveSettings = resolve));
    this.status = client.status;
    client.onStatus((status) => {
      this.status = status;
      if (status === 'connected') void this.#ask();
    });
    if (client.status === 'connected') void this.#ask();
  }

  /** Follows the station until `close`. */
  async open(): Promise<void> {
    const { client } = this;
    await Promise.all([
      this.#table('boards.watch', this.boards, (signal) => client.stream('boards.watch', null, { signal })),
      this.#table('jobs.overview', this.jobs, (signal) => client.stream('jobs.overview', null, { signal })),
      this.#table('flows.watch', this.flows, (signal) => client.stream('flows.watch', null, { signal })),
      this.#table('pi.watch', this.pis, (signal) => client.stream('pi.watch', null, { signal })),
      this.#table('pi.questions', this.questions, (signal) =>
        client.stream('pi.questions', null, { signal }),
      ),
      this.#table('bench.slots', this.slots, (signal) => client.stream('bench.slots', null, { signal })),
      this.#table('recipes.watch', this.recipes, (signal) =>
        client.stream('recipes.watch', null, { signal }),
      ),
      this.#follow(
        'bench.session',
        (session: StationEvent<'bench.session'>) => (this.session = session),
        (signal) => client.stream('bench.session', null, { signal }),
      ),
      this.#table('sim.watch', this.virtual, (signal) => client.stream('sim.watch', null, { signal })),
      this.#table('sim.watchPi', this.virtualPis, (signal) => client.stream('sim.watchPi', null, { signal })),
      this.#follow(
        'settings.watch',
        (settings: Settings) => {
          this.settings = settings;
          this.#haveSettings();
          this.#onSettings?.(settings);
        },
        (signal) => client.stream('settings.watch', null, { signal }),
      ),
    ]);
  }

  /** The board that is plugged into a port. */
  boardAt(place: PlaceId | null): Board | null {
    return place === null ? null : (this.boards.all.find((board) => board.place === place) ?? null);
  }

  isVirtual(place: PlaceId): boolean {
    return this.virtual.all.some((board) => usbPlace(board.portPath) === place);
  }

  close(): void {
    this.#stop.abort();
    this.client.close();
  }

  async #ask(): Promise<void> {
    try {
      [this.info, this.presets] = await Promise.all([
        this.client.call('app.info', null),
        this.client.call('presets.list', null),
      ]);
    } catch (error) {
      // Lost again: the next connection starts it anew.
      if (!isCanopusError(error, 'contract/disconnected')) throw error;
    }
  }

  #table<V extends { readonly id: string }>(
    name: WatchName,
    items: LiveItems<V>,
    ask: (signal: AbortSignal) => AsyncIterable<TableEvent<V>>,
  ): Promise<void> {
    return this.#follow(name, (event) => this.#batch.add(() => items.take(event)), ask);
  }

  /** Follows a stream for good: a failure is shown, and the stream started again. */
  async #follow<E>(
    name: WatchName,
    take: (event: E) => void,
    ask: (signal: AbortSignal) => AsyncIterable<E>,
  ): Promise<void> {
    // One for each stream: Node warns of more than ten listeners on one signal.
    const signal = AbortSignal.any([this.#stop.signal]);
    while (!signal.aborted) {
      try {
        for await (const event of ask(signal)) {
          take(event);
          if (this.trouble?.name === name) this.trouble = null;
        }
      } catch (error) {
        if (!isCanopusError(error, 'cancelled')) this.trouble = { name, error: toCanopusError(error) };
      }
      await this.#clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }
}
