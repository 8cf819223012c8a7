import type { BoardMode } from './board-mode.ts';
import type { DeviceDriver } from './device-driver.ts';
import type { ForeignKind } from './foreign-device.ts';
import type { Access, PortPath } from './usb-device.ts';

/** One board as the tracker knows it: a chip that has spoken, or whatever sits on a port until it speaks. */
export interface Board {
  /**
   * `uid:4300…` once the chip has told its UID, before that `port:1-4.2#7`, the seventh thing seen to be plugged in. An id
   * never stands for two boards, so it changes when a board begins to speak; `presumed` then says what it was before.
   */
  readonly id: string;
  /** Where it is plugged in now; null while it is away. */
  readonly portPath: PortPath | null;
  /** As last seen, like everything below. */
  readonly mode: BoardMode;
  readonly vendorId: number;
  readonly productId: number;
  /** The USB serial number. In DFU no identity. */
  readonly serial: string | null;
  /** The chip's unique id, told by the chip itself: 24 upper-case hex digits. */
  readonly uid: string | null;
  /** 12 hex digits, computed from the UID. */
  readonly canbusUuid: string | null;
  readonly mcu: string | null;
  readonly product: string | null;
  readonly tty: string | null;
  readonly access: Access;
  /** The driver that Windows has bound to it; null on other systems, and where it could not be read. */
  readonly driver: DeviceDriver | null;
  /** What it is where it is no board that is flashed here; null for boards and for what is of no interest. */
  readonly foreign: ForeignKind | null;
  /** Another record that is probably the same board, or null. Good for a label on screen, not for a decision. */
  readonly presumed: Presumption | null;
  /** Two boards with this UID were plugged in at the same time: the UID identifies neither. */
  readonly conflict: boolean;
}

/**
 * What staying on a port suggests. A board that leaves and something else that appears on the same port is normally the
 * same board in another mode, but may be a swap, and nothing tells the two apart until a UID contradicts.
 */
export interface Presumption {
  readonly boardId: string;
  readonly uid: string | null;
  /** `port`: nothing but the port says so. `dfu-serial`: the ROM's serial number fits the UID too. */
  readonly evidence: 'port' | 'dfu-serial';
}
