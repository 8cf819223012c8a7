import { ContractClient } from '../../app/contract/client.ts';
import { LiveTable, type TableEvent } from '../../app/contract/live-table.ts';
import { memoryLinkPair } from '../../app/contract/memory-link.ts';
import { serveContract, type Served } from '../../app/contract/server.ts';
import {
  stationContract,
  type JobView,
  type StationClient,
  type StationHandlers,
  type VirtualBoardView,
} from '../../app/contract/station-contract.ts';
import type { Board } from '../../app/boards/board.ts';
import { CanopusError } from '../../app/errors.ts';
import type { FlowState } from '../../app/flow/flow-state.ts';
import { browserClock } from '../../renderer/station/browser-clock.ts';
import { StationState } from '../../renderer/station/station.svelte.ts';
import { presets } from './samples.ts';

type Handler = (input: never, context: { signal: AbortSignal }) => unknown;

/** A station with just what a test needs, behind the real contract. */
export class ScriptedStation implements Disposable {
  readonly boards = new LiveTable<Board>();
  readonly jobs = new LiveTable<JobView>();
  readonly flows = new LiveTable<FlowState>();
  readonly virtual = new LiveTable<VirtualBoardView>();
  readonly client: StationClient;
  readonly state: StationState;
  readonly #handlers: StationHandlers;
  #served: Served | null = null;

  constructor(scripted: Partial<StationHandlers> = {}) {
    this.#handlers = withRest({
      'app.info': () =>
        Promise.resolve({
          version: '1.2.3',
          host: 'headless',
          platform: 'linux',
          features: [],
          simulated: false,
        }),
      'presets.list': () => Promise.resolve(presets),
      'boards.watch': (_, { signal }) => this.boards.follow(signal),
      'jobs.overview': (_, { signal }) => this.jobs.follow(signal),
      'flows.watch': (_, { signal }) => this.flows.follow(signal),
      'sim.watch': (_, { signal }) => this.virtual.follow(signal),
      ...scripted,
    });
    this.client = new ContractClient(stationContract, {
      connect: () => Promise.resolve(this.#link()),
      clock: browserClock,
      retryDelaysMs: [0],
    });
    this.state = new StationState(this.client, browserClock);
  }

  /** Cuts the link; the client makes a new one by itself. */
  cut(): void {
    this.#served?.close('cut');
  }

  [Symbol.dispose](): void {
    this.state.close();
  }

  #link(): ReturnType<typeof memoryLinkPair>[0] {
    const [client, server] = memoryLinkPair();
    this.#served = serveContract(stationContract, this.#handlers, server, {
      clock: browserClock,
      onInternalError: (error) => {
        throw error;
      },
    });
    return client;
  }
}

/** A watch that tells these events and then stays open. */
export async function* told<V>(
  events: readonly TableEvent<V>[],
  signal: AbortSignal,
): AsyncGenerator<TableEvent<V>> {
  yield* events;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** What is not scripted: a call is refused by name, a watch stays open and tells nothing. */
function withRest(scripted: Partial<StationHandlers>): StationHandlers {
  const rest = Object.entries(stationContract).map(([name, { kind }]): [string, Handler] => [
    name,
    kind === 'call'
      ? () => Promise.reject(new CanopusError('contract/unknown-name', `${name} is not scripted.`))
      : (_: unknown, { signal }: { signal: AbortSignal }) => told([], signal),
  ]);
  return { ...Object.fromEntries(rest), ...scripted } as StationHandlers;
}
