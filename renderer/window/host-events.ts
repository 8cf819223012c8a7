import { isCanopusError } from '../../app/errors.ts';
import type { StationState } from '../station/station.svelte.ts';
import { helpTopicOf } from '../navigation/shortcuts.ts';
import type { Router } from '../navigation/router.svelte.ts';

/** Carries out the menu items of the program around the window. */
export async function followHost(station: StationState, router: Router): Promise<void> {
  try {
    for await (const { page } of station.client.stream('host.events', null)) {
      if (page === 'help') {
        router.go(page, helpTopicOf(router.page));
        continue;
      }
      if (page !== 'flow') {
        router.go(page);
        continue;
      }
      const { id } = await station.client.call('flows.start', { place: null });
      router.go('flow', id);
    }
  } catch (error) {
    // The window closed the connection.
    if (!isCanopusError(error, 'contract/disconnected')) throw error;
  }
}
