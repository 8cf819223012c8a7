import type { McuName } from '../../app/mcu/mcu.ts';
import type { BoardInput } from '../../main/sim/bench-config.ts';
import type { Board } from '../../main/sim/board/board.ts';
import { Fault } from '../../main/sim/fault.ts';
import { makeKatapultImage } from '../../main/sim/sample-images.ts';
import { systemClock } from '../../main/system-clock.ts';
import type { DfuBench, DfuBenchOptions } from '../conformance/dfu-bench.ts';
import type { KatapultBench } from '../conformance/katapult-bench.ts';
import type { GuestBench } from './guest-bench.ts';

const port = '1-1';
const uid = '430014000A50534E4E313120';
const flashStart = 0x0800_0000;

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

/** Always one board: a suite that makes several has done with the one before. */
function addBoard({ bench }: GuestBench, more: Partial<BoardInput> & Pick<BoardInput, 'mcu'>): Board {
  for (const { id } of bench.boards) bench.removeBoard(id);
  return bench.addBoard({ id: 'board', uid, port, enumerationMs: 5, ...more });
}

/** What both benches offer of the board's inside, which needs no USB. */
function inside({ bench }: GuestBench, board: Board) {
  return {
    loadFlash: (address: number, bytes: Uint8Array): Promise<void> => {
      board.flash.load(address, bytes);
      return Promise.resolve();
    },
    dumpFlash: () => Promise.resolve(board.flash.read(flashStart, board.flash.sizeBytes)),
    injectFault: (fault: unknown): Promise<void> => {
      board.arm(Fault.parse(fault));
      return Promise.resolve();
    },
    clearFaults: (): Promise<void> => {
      board.clearFaults();
      return Promise.resolve();
    },
    close: (): Promise<void> => {
      if (bench.boards.includes(board)) bench.removeBoard(board.id);
      return Promise.resolve();
    },
  };
}

/** A fresh board in ROM DFU, plugged into the guest. */
export async function guestDfuBench(guestBench: GuestBench, options: DfuBenchOptions): Promise<DfuBench> {
  const { chip, uidReadable = true, supply = 'usb' } = options;
  const board = addBoard(guestBench, { ...chips[chip], boot0: true, uidReadable, supply });
  await guestBench.present(port, 'dfu');
  let opened = board.device;
  return {
    ...inside(guestBench, board),
    clock: systemClock,
    uid,
    flashBytes: board.flash.sizeBytes,
    async open() {
      await guestBench.present(port, 'dfu');
      opened = board.device;
      return guestBench.devices.openUsb(port);
    },
    isInDfu: () => Promise.resolve(opened?.attached === true),
    startsKatapult: () =>
      guestBench.present(port, 'katapult').then(
        () => true,
        () => false,
      ),
    async enterDfu() {
      board.setBoot0(true);
      board.setPower(false);
      board.plug();
      board.setPower(true);
      await guestBench.present(port, 'dfu');
    },
    async replug() {
      board.unplug();
      board.plug();
      await guestBench.present(port, 'dfu');
    },
    eraseCounts: () => Promise.resolve([...board.flash.eraseCounts]),
  };
}

/** A fresh board with Katapult, plugged into the guest. */
export async function guestKatapultBench(guestBench: GuestBench): Promise<KatapultBench> {
  const flash = [{ address: flashStart, bytes: Uint8Array.from(makeKatapultImage()) }];
  const board = addBoard(guestBench, { mcu: 'stm32f446xx', flash });
  await guestBench.present(port, 'katapult');
  return {
    ...inside(guestBench, board),
    clock: systemClock,
    async open() {
      await guestBench.present(port, 'katapult');
      return guestBench.devices.openSerial(port);
    },
    async powerCycle() {
      board.unplug();
      board.plug();
      await started(guestBench, board);
    },
    async doubleTap() {
      board.plug();
      board.doubleTap();
      await guestBench.present(port, 'katapult');
    },
    async runs() {
      // COMPLETE resets the board a little later.
      await systemClock.sleep(150);
      return (await started(guestBench, board)) === 'katapult' ? 'katapult' : 'application';
    },
  };
}

/** What runs on the board when it has started, or that it stays silent. */
function started({ bench }: GuestBench, board: Board): Promise<Board['running']> {
  return new Promise((resolve) => {
    const look = (): void => {
      const { running } = board;
      if (running === 'starting' || running === 'off' || (running !== 'silent' && board.device === null))
        return;
      stop();
      resolve(running);
    };
    const stop = bench.listen(look);
    look();
  });
}
