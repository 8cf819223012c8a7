import type { PlaceId } from '../place.ts';
import type { Toolchain } from '../build/toolchain.ts';
import type { Access } from '../boards/usb-device.ts';
import type { BoardMode } from '../boards/board-mode.ts';
import type { DeviceDriver } from '../boards/device-driver.ts';
import type { ForeignKind } from '../boards/foreign-device.ts';
import type { System } from '../system.ts';

/** Facts about this computer; null if one has no meaning here or could not be found out. */
export interface HostFacts {
  readonly platform: System;
  /** Linux: whether the kernel shows USB at all, which it does not in most containers. */
  readonly hasUsb: boolean | null;
  readonly udev: UdevFacts | null;
  /** Linux: ModemManager runs; it opens every new serial port to see whether it is a modem. */
  readonly modemManagerRuns: boolean | null;
  readonly boards: readonly BoardAccess[];
  /** Windows: its own list of devices can be read, without which a board without a driver stays invisible. */
  readonly deviceTree: boolean | null;
  readonly toolchain: Pick<Toolchain, 'tools' | 'missing' | 'system' | 'distribution'> | null;
  readonly data: { readonly folder: string; readonly isWritable: boolean };
  readonly cache: { readonly folder: string; readonly freeBytes: number | null };
  /** Where secrets are kept; null if nothing needs any. */
  readonly secrets: 'os' | 'session' | null;
}

export interface UdevFacts {
  /** The rule that comes with Canopus, where root can read it. */
  readonly ruleFile: string;
  readonly installed: { readonly path: string; readonly isCurrent: boolean } | null;
}

/** A board, or a device that may be mistaken for one. */
export interface BoardAccess {
  readonly place: PlaceId;
  readonly mode: BoardMode;
  readonly access: Access;
  readonly driver: DeviceDriver | null;
  readonly foreign: ForeignKind | null;
  /** The device's own name; Zadig lists it under that name. */
  readonly product: string | null;
}
