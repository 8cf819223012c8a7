import type { Board } from '../../app/boards/board.ts';
import type { ClientStatus } from '../../app/contract/client.ts';
import type { TableEvent } from '../../app/contract/live-table.ts';
import type { JobView, StationClient, StationOutput } from '../../app/contract/station-contract.ts';
import { isCanopusError } from '../../app/errors.ts';
import { LiveItems } from './live-items.svelte.ts';

/** What a window knows of its station; follows it from `open` to `close`. */
export class StationState {
  readonly client: StationClient;
  readonly boards = new LiveItems<Board>();
  readonly jobs = new LiveItems<JobView>();
  status: ClientStatus = $state('connecting');
  info: StationOutput<'app.info'> | null = $state.raw(null);
  readonly #stop = new AbortController();

  constructor(client: StationClient) {
    this.client = client;
    this.status = client.status;
    client.onStatus((status) => {
      this.status = status;
      if (status === 'connected') void this.#ask();
    });
  }

  /** Starts following. Rejects only for what is wrong with the program itself. */
  async open(): Promise<void> {
    const { signal } = this.#stop;
    await Promise.all([
      this.#follow(this.client.stream('boards.watch', null, { signal }), this.boards),
      this.#follow(this.client.stream('jobs.overview', null, { signal }), this.jobs),
    ]);
  }

  close(): void {
    this.#stop.abort();
    this.client.close();
  }

  async #ask(): Promise<void> {
    try {
      this.info = await this.client.call('app.info', null);
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
