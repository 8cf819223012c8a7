import type { StationClient, StationEvent } from '../../../app/contract/station-contract.ts';
import { isCanopusError } from '../../../app/errors.ts';
import { LiveItems } from '../../station/live-items.svelte.ts';

type PiView = Extract<StationEvent<'pi.watch'>, { readonly type: 'item' }>['item'];

/** The Pis that the station knows, as places to build on and to take sources from, as long as somebody looks. */
export class KnownPis {
  readonly #items = new LiveItems<PiView>();
  readonly #stop = new AbortController();

  constructor(client: StationClient) {
    void this.#follow(client);
  }

  /** `pi:USER@HOST`, as builds name them, with the name that a person knows. */
  get places(): readonly { readonly place: string; readonly name: string }[] {
    return this.#items.all
      .filter(({ isVirtual }) => !isVirtual)
      .map(({ name, user, host, port }) => {
        const address = `${user === null ? '' : `${user}@`}${host}${port === null ? '' : `:${port}`}`;
        return { place: `pi:${address}`, name };
      });
  }

  close(): void {
    this.#stop.abort();
  }

  async #follow(client: StationClient): Promise<void> {
    try {
      const { signal } = this.#stop;
      for await (const event of client.stream('pi.watch', null, { signal })) this.#items.take(event);
    } catch (error) {
      // Without the list a Pi's name can still be typed.
      if (!isCanopusError(error)) throw error;
    }
  }
}
