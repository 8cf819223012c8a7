import type { Board } from '../../app/boards/board.ts';
import type { ClientStatus } from '../../app/contract/client.ts';
import type { TableEvent } from '../../app/contract/live-table.ts';
import type {
  JobView,
  PresetView,
  StationClient,
  StationOutput,
  VirtualBoardView,
} from '../../app/contract/station-contract.ts';
import { isCanopusError } from '../../app/errors.ts';
import type { FlowState } from '../../app/flow/flow-state.ts';
import { LiveItems } from './live-items.svelte.ts';

/** What a window knows of its station; follows it from `open` to `close`. */
export class StationState {
  readonly client: StationClient;
  readonly boards = new LiveItems<Board>();
  readonly jobs = new LiveItems<JobView>();
  readonly flows = new LiveItems<FlowState>();
  readonly virtual = new LiveItems<VirtualBoardView>();
  status: ClientStatus = $state('connecting');
  info: StationOutput<'app.info'> | null = $state.raw(null);
  presets: readonly PresetView[] = $state.raw([]);
  readonly #stop = new AbortController();

  constructor(client: StationClient) {
    this.client = client;
    this.status = client.status;
    client.onStatus((status) => {
      this.status = status;
      if (status === 'connected') void this.#ask();
    });
    if (client.status === 'connected') void this.#ask();
  }

  /** Starts following. Rejects only for what is wrong with the program itself. */
  async open(): Promise<void> {
    const { signal } = this.#stop;
    await Promise.all([
      this.#follow(this.client.stream('boards.watch', null, { signal }), this.boards),
      this.#follow(this.client.stream('jobs.overview', null, { signal }), this.jobs),
      this.#follow(this.client.stream('flows.watch', null, { signal }), this.flows),
      this.#follow(this.client.stream('sim.watch', null, { signal }), this.virtual),
    ]);
  }

  /** The board that is plugged into a port. */
  boardAt(portPath: string | null): Board | null {
    return portPath === null ? null : (this.boards.all.find((board) => board.portPath === portPath) ?? null);
  }

  isVirtual(portPath: string): boolean {
    return this.virtual.all.some((board) => board.portPath === portPath);
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
      // Lost again: asked anew with the next connection.
      if (!isCanopusError(error, 'contract/disconnected')) throw error;
    }
  }

  async #follow<V extends { readonly id: string }>(
    events: AsyncIterable<TableEvent<V>>,
    items: LiveItems<V>,
  ): Promise<void> {
    try {
      for await (const event of events) items.take(event);
    } catch (error) {
      if (!isCanopusError(error, 'cancelled')) throw error;
    }
  }
}
