import { Fault } from '../../../main/sim/fault.ts';
import { makeKatapultImage } from '../../../main/sim/sample-images.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import { VirtualBench } from '../../../main/sim/virtual-bench.ts';
import type { KatapultBench } from '../../conformance/katapult-bench.ts';

const flashAddress = 0x08000000;
const port = '1-1';

/** A virtual F446 in this process: what starts after a reset is decided by what is in its flash. */
export async function katapultSimBench(): Promise<KatapultBench> {
  const clock = new VirtualClock();
  const bench = new VirtualBench(
    {
      boards: [
        {
          id: 'a',
          mcu: 'stm32f446xx',
          uid: '430014000A50534E4E313120',
          port,
          flash: [{ address: flashAddress, bytes: makeKatapultImage() }],
        },
      ],
    },
    { clock },
  );
  const board = bench.board('a');

  /** Until the board shows something on USB, with its tty, or will not. */
  async function settled(): Promise<void> {
    for (;;) {
      const [device] = await bench.devices.list();
      if (board.running === 'silent' || (device !== undefined && device.tty !== null)) return;
      await clock.sleep(10);
    }
  }

  await settled();
  return {
    clock,
    open: async () => {
      await settled();
      return bench.devices.openSerial(port);
    },
    powerCycle: async () => {
      board.unplug();
      await clock.sleep(100);
      board.plug();
      await settled();
    },
    doubleTap: async () => {
      board.plug();
      board.doubleTap();
      await settled();
    },
    runs: async () => {
      // COMPLETE resets a little later.
      await clock.sleep(150);
      await settled();
      return board.running === 'katapult' ? 'katapult' : 'application';
    },
    loadFlash: (address, bytes) => {
      board.flash.load(address, bytes);
      return Promise.resolve();
    },
    dumpFlash: () => Promise.resolve(board.flash.read(flashAddress, board.flash.sizeBytes)),
    injectFault: (fault) => {
      board.arm(Fault.parse(fault));
      return Promise.resolve();
    },
    clearFaults: () => {
      board.clearFaults();
      return Promise.resolve();
    },
    close: () => bench[Symbol.asyncDispose](),
  };
}
