import type { PlaceId } from '../place.ts';
import type { BoardMode } from './board-mode.ts';
import type { DeviceDriver } from './device-driver.ts';
import type { ForeignKind } from './foreign-device.ts';
import type { Access } from './usb-device.ts';

/** One board as the tracker knows it: a chip with a known UID, or a device on a port before its UID is known. */
export interface Board {
  /**
   * `uid:4300…` once the chip has reported its UID, before that `usb:1-4.2#7`, the seventh device seen to be plugged
   * in. An id never stands for two boards, so it changes when the UID becomes known; `presumed` then names the earlier
   * one.
   */
  readonly id: string;
  /** The port it is plugged into; null while it is away. */
  readonly place: PlaceId | null;
  /** As last seen, like everything below. */
  readonly mode: BoardMode;
  readonly vendorId: number;
  readonly productId: number;
  /** The USB serial number. In DFU it is not an identity. */
  readonly serial: string | null;
  /** The chip's unique id, reported by the chip itself: 24 upper-case hex digits. */
  readonly uid: string | null;
  /** 12 hex digits, computed from the UID. */
  readonly canbusUuid: string | null;
  readonly mcu: string | null;
  readonly product: string | null;
  readonly tty: string | null;
  readonly access: Access;
  /** The driver that Windows has bound to it; null on other systems, and if it could not be read. */
  readonly driver: DeviceDriver | null;
  /** The kind of a device that is not flashed here; null for boards and for devices without interest. */
  readonly foreign: ForeignKind | null;
  /** Another record that is probably the same board, or null. Good for a label on screen, not for a decision. */
  readonly presumed: Presumption | null;
  /** Two boards with this UID were plugged in at the same time: the UID identifies neither. */
  readonly conflict: boolean;
}

/**
 * What staying on a port suggests. A board that leaves and a device that appears on the same port are normally the same
 * board in another mode, but may be a swap, and nothing distinguishes the two until a UID contradicts.
 */
export interface Presumption {
  readonly boardId: string;
  readonly uid: string | null;
  /** `port`: only the port suggests it. `dfu-serial`: the ROM's serial number fits the UID too. */
  readonly evidence: 'port' | 'dfu-serial';
}
