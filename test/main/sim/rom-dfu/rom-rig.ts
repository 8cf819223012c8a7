import type { McuName } from '../../../../app/mcu/mcu.ts';
import { ArmedFaults } from '../../../../main/sim/armed-faults.ts';
import type { Fault } from '../../../../main/sim/fault.ts';
import { FlashController } from '../../../../main/sim/flash/flash-controller.ts';
import { Flash } from '../../../../main/sim/flash/flash.ts';
import { RomDfu } from '../../../../main/sim/rom-dfu/rom-dfu.ts';
import { Timeline } from '../../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';

export const romUid = Uint8Array.from(Buffer.from('430014000A50534E4E313120', 'hex'));

export interface RomRigOptions {
  readonly mcu?: McuName;
  readonly flashKiB?: number;
  readonly uidReadable?: boolean;
  readonly faults?: readonly Fault[];
}

/** The ROM bootloader with no board around it. `calls` notes what it asks of the board. */
export function romRig(options: RomRigOptions = {}) {
  const clock = new VirtualClock();
  const flash = new Flash(options.flashKiB ?? 512);
  const struck: Fault[] = [];
  const faults = new ArmedFaults((fault) => struck.push(fault));
  for (const fault of options.faults ?? []) faults.arm(fault);
  const chip = { uid: romUid, readProtected: false };
  const calls: string[] = [];
  const rom = new RomDfu({
    mcu: options.mcu ?? 'stm32f446xx',
    chip,
    clock,
    timeScale: 1,
    controller: new FlashController(flash, clock, new Timeline(clock, 1)),
    faults,
    power: new AbortController().signal,
    uidReadable: options.uidReadable ?? true,
    start: (address) => calls.push(`start 0x${address.toString(16)}`),
    reset: () => calls.push('reset'),
    unplug: () => calls.push('unplug'),
  });
  return { clock, flash, struck, faults, chip, calls, rom };
}
