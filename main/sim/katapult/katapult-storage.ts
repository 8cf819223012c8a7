import type { ArmedFaults } from '../armed-faults.ts';
import type { FlashController } from '../flash/flash-controller.ts';

export interface KatapultStorageOptions {
  readonly mcu: string;
  readonly controller: FlashController;
  readonly faults: ArmedFaults;
  readonly power: AbortSignal;
  readonly blockSize: number;
  readonly unplug: () => void;
}

/** How Katapult writes the flash of a family. */
export interface KatapultStorage {
  /** Throws `BusFault` for an address outside of flash. */
  read(address: number): Uint8Array;
  /** False if the firmware replies with a command error. */
  write(address: number, block: Uint8Array): Promise<boolean>;
  /** EOF: what it reports as the number of pages. */
  complete(): Promise<number>;
}

/** The processor read from an unmapped address: it hangs until reset. */
export class BusFault extends Error {
  override readonly name = 'BusFault';
}
