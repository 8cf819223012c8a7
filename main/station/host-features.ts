import type { StationEvent } from '../../app/contract/station-contract.ts';

export type HostEvent = StationEvent<'host.events'>;

export interface HostUpdates {
  follow(signal: AbortSignal): AsyncIterable<StationEvent<'updates.watch'>>;
  check(): Promise<void>;
  /** Throws `host/work-running`. */
  install(): Promise<void>;
}

/** What a host can do beyond serving the station. */
export interface HostFeatures {
  readonly name: 'electron' | 'headless' | 'cli';
  /** Commands from the host to the window: a menu item was chosen. */
  events(signal: AbortSignal): AsyncIterable<HostEvent>;
  /** Lets the person choose a folder; null if the host cannot. */
  readonly chooseFolder: (() => Promise<string | null>) | null;
  /** Shows the station to a second start of the program (`host.show`); null for links that are not from one. */
  readonly show: (() => string | null) | null;
  /** Newer versions of the program; null if the host does not update itself. */
  readonly updates: HostUpdates | null;
}
