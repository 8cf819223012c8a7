import type { StationEvent } from '../../app/contract/station-contract.ts';

export type HostEvent = StationEvent<'host.events'>;

/** What a host can do beyond serving the station. */
export interface HostFeatures {
  readonly name: 'electron' | 'headless';
  /** What the host asks of the window: a menu item was chosen. */
  events(signal: AbortSignal): AsyncIterable<HostEvent>;
  /** Lets the person choose a folder; null where the host cannot. */
  readonly chooseFolder: (() => Promise<string | null>) | null;
}
