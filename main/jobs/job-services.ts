import type { PlaceId } from '../../app/place.ts';
import type { ByteLink } from '../../app/transport/byte-link.ts';
import type { CanLink } from '../../app/transport/can-link.ts';
import type { Clock } from '../../app/transport/clock.ts';
import type { DeviceAccess } from '../devices/device-access.ts';
import type { NamedNode } from '../../app/printer/examination.ts';
import type { DeviceWatch } from './device-watch.ts';

/** A CAN bus, open. */
export interface OpenBus {
  readonly can: CanLink;
  /** Of the bridge behind it, which replies to queries like a node; null: unknown, or none. */
  readonly bridgeUuid: string | null;
  /** The nodes that the printers of that computer name on it. */
  readonly named: readonly NamedNode[];
  /** As the computer set it; null: unknown. */
  readonly bitrateBps: number | null;
}

/** What running work needs from the station. */
export interface JobServices {
  readonly devices: DeviceAccess;
  readonly watch: DeviceWatch;
  readonly clock: Clock;
  /** Opens a CAN interface of this machine by its name; missing where nodes are reached through their bridge. */
  readonly openBus?: (interfaceName: string) => Promise<OpenBus>;
  /** Opens a serial port by its name; missing where boards are on USB alone. */
  readonly openUart?: (name: string) => Promise<ByteLink>;
  /**
   * Prepares a place for work that opens it, until what it returns is disposed of; missing if there is nothing to
   * prepare. On a Pi: stops the Klipper that uses the board. May refuse by throwing.
   */
  readonly hold?: (
    place: PlaceId,
    options: { readonly note: (text: string) => void; readonly signal: AbortSignal },
  ) => Promise<AsyncDisposable>;
}
