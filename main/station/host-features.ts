import type { StationEvent } from '../../app/contract/station-contract.ts';

export type HostEvent = StationEvent<'host.events'>;

export interface HostUpdates {
  follow(signal: AbortSignal): AsyncIterable<StationEvent<'updates.watch'>>;
  check(): Promise<void>;
  /** Rejects with `host/work-running`. */
  install(): Promise<void>;
}

/** What a host can do beyond serving the station. */
export interface HostFeatures {
  readonly name: 'electron' | 'headless' | 'cli';
  /** What the host asks of the window: a menu item was chosen. */
  events(signal: AbortSignal): AsyncIterable<HostEvent>;
  /** Lets the person choose a folder; null where the host cannot. */
  readonly chooseFolder: (() => Promise<string | null>) | null;
  /** Newer versions of the program; null where the host does not get them by itself. */
  readonly updates: HostUpdates | null;
}
