import type { PlaceId } from '../../app/place.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceAccess } from '../devices/device-access.ts';
import type { DeviceWatch } from './device-watch.ts';

/** What running work needs from the station. */
export interface JobServices {
  readonly devices: DeviceAccess;
  readonly watch: DeviceWatch;
  readonly clock: Clock;
  /**
   * Prepares a place for work that opens it, until what it returns is disposed of; missing if there is nothing to
   * prepare. On a Pi: stops the Klipper that uses the board. May refuse by throwing.
   */
  readonly hold?: (
    place: PlaceId,
    options: { readonly note: (text: string) => void; readonly signal: AbortSignal },
  ) => Promise<AsyncDisposable>;
}
