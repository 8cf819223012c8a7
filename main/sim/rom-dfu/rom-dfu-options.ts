import type { McuName } from '../../../app/mcu/mcu.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import type { ArmedFaults } from '../armed-faults.ts';
import type { RomConfig } from '../bench-config.ts';
import type { FlashController } from '../flash/flash-controller.ts';
import type { ChipMemory } from './rom-memory.ts';

export interface RomDfuOptions {
  readonly mcu: McuName;
  readonly chip: ChipMemory;
  readonly clock: Clock;
  /** Multiplies the announced poll time-outs and the durations of the work. */
  readonly timeScale: number;
  readonly controller: FlashController;
  readonly faults: ArmedFaults;
  /** Aborted when the chip is reset or loses power. */
  readonly power: AbortSignal;
  /** Whether the chip's UID at 0x1FFF7A10 can be read; parts differ. */
  readonly uidReadable: boolean;
  /** What it reports instead of its MCU's own. */
  readonly rom?: RomConfig | undefined;
  /** Leaves the bus and starts the program at this address, without a reset; `answerFirst`: once the reply is sent. */
  readonly start: (address: number, answerFirst: boolean) => void;
  /** Resets the chip. */
  readonly reset: () => void;
  /** Pulls the cable. */
  readonly unplug: () => void;
}
