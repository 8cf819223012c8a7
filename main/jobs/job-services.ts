import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceAccess } from '../devices/device-access.ts';
import type { DeviceWatch } from './device-watch.ts';

/** What running work needs from the station. */
export interface JobServices {
  readonly devices: DeviceAccess;
  readonly watch: DeviceWatch;
  readonly clock: Clock;
}
