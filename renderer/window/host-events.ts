import { isCanopusError } from '../../app/errors.ts';
import type { StationState } from '../station/station.svelte.ts';
import type { Router } from '../navigation/router.svelte.ts';

/** Does what the program around the window asks for: its menu items. */
export async function followHost(station: StationState, router: Router): Promise<void> {
  try {
    for await (const { page } of station.client.stream('host.events', null)) {
      if (page !== 'flow') {
        router.go(page);
        continue;
      }
      const { id } = await station.client.call('flows.start', { portPath: null });
      router.go('flow', id);
    }
  } catch (error) {
    // The connection was closed with the window.
    if (!isCanopusError(error, 'contract/disconnected')) throw error;
  }
}
