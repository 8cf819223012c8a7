import type { McuName } from '../../../app/boards/mcu.ts';
import { ArmedFaults } from '../../../main/sim/armed-faults.ts';
import { AttachedDevice } from '../../../main/sim/bus/attached-device.ts';
import { Fault } from '../../../main/sim/fault.ts';
import { FlashController } from '../../../main/sim/flash/flash-controller.ts';
import { Flash } from '../../../main/sim/flash/flash.ts';
import { SimUsbLink } from '../../../main/sim/links/sim-usb-link.ts';
import { RomDfu } from '../../../main/sim/rom-dfu/rom-dfu.ts';
import type { ChipMemory } from '../../../main/sim/rom-dfu/rom-memory.ts';
import { Timeline } from '../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import type { DfuBench, DfuBenchOptions } from '../../conformance/dfu-flasher.ts';

const chips = {
  F446: { mcu: 'stm32f446xx', flashKiB: 512 },
  F407: { mcu: 'stm32f407xx', flashKiB: 1024 },
  F429: { mcu: 'stm32f429xx', flashKiB: 2048 },
} as const satisfies Record<DfuBenchOptions['chip'], { mcu: McuName; flashKiB: number }>;

/** A bare virtual chip with its ROM bootloader on a virtual bus and a clock that jumps: nothing else of a board. */
export function romBench(options: DfuBenchOptions): DfuBench {
  const { mcu, flashKiB } = chips[options.chip];
  const clock = new VirtualClock();
  const flash = new Flash(flashKiB);
  const uid = Uint8Array.from([0x43, 0, 0x14, 0, 0x0a, 0x50, 0x53, 0x4e, 0x4e, 0x31, 0x31, 0x20]);
  const chip: ChipMemory = { uid, readProtected: false };
  const faults = new ArmedFaults(() => undefined);
  const processor = new Timeline(clock, 1);
  const startedAt: number[] = [];
  let power = new AbortController();
  let device: AttachedDevice | null = null;
  const drop = () => {
    const attached = device;
    device = null;
    power.abort(new Error('no power'));
    attached?.detach();
  };
  const enterDfu = () => {
    drop();
    power = new AbortController();
    const fn = new RomDfu({
      mcu,
      chip,
      controller: new FlashController(flash, clock, processor),
      faults,
      power: power.signal,
      uidReadable: options.uidReadable ?? true,
      start: (address) => {
        startedAt.push(address);
        drop();
      },
      reset: drop,
      unplug: drop,
    });
    const bus = new Timeline(clock, 1);
    device = new AttachedDevice({ portPath: '1-1', mode: 'dfu', fn, faults, bus, unplug: drop });
  };
  enterDfu();
  return {
    clock,
    uid: '430014000A50534E4E313120',
    flashBytes: flashKiB * 1024,
    open: () => {
      if (!device) return Promise.reject(new Error('the virtual chip is not on the bus'));
      return Promise.resolve(new SimUsbLink(device, clock));
    },
    isAttached: () => Promise.resolve(device !== null),
    enterDfu: () => {
      enterDfu();
      return Promise.resolve();
    },
    loadFlash: (address, bytes) => {
      flash.load(address, bytes);
      return Promise.resolve();
    },
    dumpFlash: () => Promise.resolve(flash.read(0x08000000, flash.sizeBytes)),
    eraseCounts: () => Promise.resolve([...flash.eraseCounts]),
    startedAt: () => Promise.resolve([...startedAt]),
    injectFault: (input) => {
      const fault = Fault.parse(input);
      // Properties of the chip rather than something that strikes once.
      if (fault.kind === 'stuck-bit') flash.stuckBits.push(fault);
      else if (fault.kind === 'read-protection') chip.readProtected = true;
      else faults.arm(fault);
      return Promise.resolve();
    },
    clearFaults: () => {
      faults.clear();
      flash.stuckBits.length = 0;
      return Promise.resolve();
    },
  };
}
