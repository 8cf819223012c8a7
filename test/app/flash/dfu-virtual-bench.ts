import type { McuName } from '../../../app/mcu/mcu.ts';
import { Fault } from '../../../main/sim/fault.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import type { DfuBench, DfuBenchOptions } from '../../conformance/dfu-bench.ts';

const chips = {
  F446: { mcu: 'stm32f446xx', flashKiB: 512 },
  F407: { mcu: 'stm32f407xx', flashKiB: 1024 },
  F429: { mcu: 'stm32f429xx', flashKiB: 1024 },
  'F429-2M': { mcu: 'stm32f429xx', flashKiB: 2048 },
  G0B1: { mcu: 'stm32g0b1xx', flashKiB: 128 },
  H723: { mcu: 'stm32h723xx', flashKiB: 1024 },
  'H723-512': { mcu: 'stm32h723xx', flashKiB: 512 },
  H743: { mcu: 'stm32h743xx', flashKiB: 2048 },
  F072: { mcu: 'stm32f072xb', flashKiB: 128 },
  F042: { mcu: 'stm32f042x6', flashKiB: 32 },
} as const satisfies Record<DfuBenchOptions['chip'], { mcu: McuName; flashKiB: number }>;

const uid = '430014000A50534E4E313120';
const port = '1-1';

/** One virtual board with its BOOT0 jumper on, in this process, with the durations of the datasheets on a clock that jumps. */
export async function virtualDfuBench(options: DfuBenchOptions): Promise<DfuBench> {
  const { chip, uidReadable = true, supply = 'usb' } = options;
  const clock = new VirtualClock();
  const bench = new VirtualBench(
    { boards: [{ ...chips[chip], id: 'board', uid, port, boot0: true, uidReadable, supply }] },
    { clock },
  );
  const board = bench.board('board');

  async function shows(mode: 'dfu' | 'katapult'): Promise<boolean> {
    for (let waited = 0; board.device?.mode !== mode; waited += 10) {
      if (waited > 5_000) return false;
      await clock.sleep(10);
    }
    return true;
  }

  async function untilInDfu(): Promise<void> {
    if (!(await shows('dfu'))) throw new Error(`the virtual board is ${board.running}, not in DFU`);
  }

  await untilInDfu();
  return {
    clock,
    uid,
    flashBytes: board.flash.sizeBytes,
    open: () => bench.devices.openUsb(port),
    isInDfu: () => Promise.resolve(board.device?.mode === 'dfu'),
    startsKatapult: () => shows('katapult'),
    enterDfu: async () => {
      board.setBoot0(true);
      board.setPower(false);
      board.plug();
      board.setPower(true);
      await untilInDfu();
    },
    replug: async () => {
      board.unplug();
      board.plug();
      await untilInDfu();
    },
    loadFlash: (address, bytes) => {
      board.flash.load(address, bytes);
      return Promise.resolve();
    },
    dumpFlash: () => Promise.resolve(board.flash.read(0x08000000, board.flash.sizeBytes)),
    eraseCounts: () => Promise.resolve([...board.flash.eraseCounts]),
    injectFault: (fault) => {
      board.arm(Fault.parse(fault));
      return Promise.resolve();
    },
    clearFaults: () => {
      board.faults.clear();
      board.flash.stuckBits.length = 0;
      return Promise.resolve();
    },
    close: () => bench[Symbol.asyncDispose](),
  };
}
