import type { StationClient } from '../../../app/contract/station-contract.ts';
import { isCanopusError, toCanopusError, type CanopusError } from '../../../app/errors.ts';
import type { NearbyPi } from '../../../app/pi/nearby.ts';
import { LiveItems } from '../../station/live-items.svelte.ts';

/** The computers on the network that may be a printer's Pi; asked for from `follow` until its signal. */
export class Nearby {
  readonly #items = new LiveItems<NearbyPi>();
  error: CanopusError | null = $state.raw(null);

  get all(): readonly NearbyPi[] {
    return this.#items.all;
  }

  async follow(client: StationClient, signal: AbortSignal): Promise<void> {
    try {
      for await (const event of client.stream('pi.nearby', null, { signal })) this.#items.take(event);
    } catch (error) {
      const isEnd = isCanopusError(error, 'cancelled') || isCanopusError(error, 'contract/disconnected');
      if (!isEnd) this.error = toCanopusError(error);
    }
  }
}

/** True for the same computer: with or without `.local`, in any case. */
export function isSameHost(a: string, b: string): boolean {
  const plain = (host: string): string => host.toLowerCase().replace(/\.local\.?$/, '');
  return plain(a) === plain(b);
}
