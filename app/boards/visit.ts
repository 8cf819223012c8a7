import type { Board } from './board.ts';
import type { PortPath } from './usb-device.ts';

export interface Visit {
  readonly board: Board;
  readonly portPath: PortPath;
  readonly since: number;
  /** Null while it is plugged in. */
  readonly until: number | null;
}
