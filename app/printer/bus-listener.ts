import { isCanopusError } from '../errors.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { AskedNode } from './asked-node.ts';

/** Any time: the loop goes on after it. */
const waitMs = 1000;

/**
 * Passes what nodes send to them, until it is disposed of. `signal` is aborted then, when the caller's is, and with the
 * error when the CanLink fails: everything that waits for a node waits with it.
 */
export class BusListener implements AsyncDisposable {
  readonly #end = new AbortController();
  readonly #ended: Promise<void>;
  readonly #forget: () => void;

  constructor(can: CanLink, nodes: readonly AskedNode[], signal: AbortSignal | undefined) {
    const abort = (): void => this.#end.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#forget = () => signal?.removeEventListener('abort', abort);
    if (signal?.aborted === true) abort();
    this.#ended = this.#listen(can, new Map(nodes.map((node) => [node.fromNode, node])));
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    this.#end.abort();
    await this.#ended;
  }

  async #listen(can: CanLink, nodes: ReadonlyMap<number, AskedNode>): Promise<void> {
    while (!this.signal.aborted) {
      try {
        const { id, extended, data } = await can.receive({ timeoutMs: waitMs, signal: this.signal });
        if (!extended) nodes.get(id)?.take(data);
      } catch (error) {
        if (!isCanopusError(error, 'link/timeout')) this.#end.abort(error);
      }
    }
  }
}
