import type { ByFirmware } from './memory-map.ts';

/** RX and TX. */
export type PinPair = readonly [string, string];

export interface CanFacts {
  /** `pio`: by a program, not by a controller. */
  readonly controller: 'bxcan' | 'fdcan' | 'pio';
  /** Where its controllers are; a firmware uses one of them. */
  readonly registers: readonly number[];
  /** The clock of its controllers, by the CPU clock. */
  readonly clockHz: (cpuHz: number) => number;
  /** The pins that builds offer: Klipper as a bridge, and either firmware as a node. Null: any two. */
  readonly pins: {
    readonly bridge: readonly PinPair[];
    readonly node: ByFirmware<readonly PinPair[]>;
  } | null;
  /** Why it cannot be a USB-to-CAN bridge, as a clause after "cannot be a USB-to-CAN bridge:"; null if it can. */
  readonly noBridge: string | null;
}
