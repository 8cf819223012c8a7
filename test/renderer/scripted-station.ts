import { ContractClient } from '../../app/contract/client.ts';
import { LiveTable } from '../../app/contract/live-table.ts';
import { memoryLinkPair } from '../../app/contract/memory-link.ts';
import { serveContract, type Served } from '../../app/contract/server.ts';
import {
  stationContract,
  type JobView,
  type StationClient,
  type StationHandlers,
  type VirtualBoardView,
} from '../../app/contract/station-contract.ts';
import type { SlotState } from '../../app/bench/bench-state.ts';
import type { Board } from '../../app/boards/board.ts';
import type { FlowState } from '../../app/flow/flow-state.ts';
import { browserClock } from '../../renderer/station/browser-clock.ts';
import { StationState } from '../../renderer/station/station.svelte.ts';
import { quietHandlers } from './quiet-handlers.ts';

/** A station with just what a test needs, behind the real contract. */
export class ScriptedStation implements Disposable {
  readonly boards = new LiveTable<Board>();
  readonly jobs = new LiveTable<JobView>();
  readonly flows = new LiveTable<FlowState>();
  readonly slots = new LiveTable<SlotState & { readonly id: string }>();
  readonly virtual = new LiveTable<VirtualBoardView>();
  readonly client: StationClient;
  readonly state: StationState;
  readonly #handlers: StationHandlers;
  #served: Served | null = null;

  constructor(scripted: Partial<StationHandlers> = {}) {
    this.#handlers = quietHandlers({
      'boards.watch': (_, { signal }) => this.boards.follow(signal),
      'jobs.overview': (_, { signal }) => this.jobs.follow(signal),
      'flows.watch': (_, { signal }) => this.flows.follow(signal),
      'bench.slots': (_, { signal }) => this.slots.follow(signal),
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

  /** Cuts the link; the client makes a new one. */
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
