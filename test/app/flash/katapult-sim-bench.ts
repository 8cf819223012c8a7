import { ArmedFaults } from '../../../main/sim/armed-faults.ts';
import { AttachedDevice } from '../../../main/sim/bus/attached-device.ts';
import { Fault } from '../../../main/sim/fault.ts';
import { FlashController } from '../../../main/sim/flash/flash-controller.ts';
import { Flash } from '../../../main/sim/flash/flash.ts';
import { katapultOnUsb } from '../../../main/sim/katapult/katapult-usb.ts';
import { SimByteLink } from '../../../main/sim/links/sim-byte-link.ts';
import { Timeline } from '../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../main/sim/time/virtual-clock.ts';
import type { KatapultBench, KatapultFault } from '../../conformance/katapult-bench.ts';

const flashAddress = 0x08000000;
const launchAddress = 0x08008000;

/** A virtual F446 in this process, with the rules of what starts: src/generic/armcm_canboot.c and src/bootentry.c. */
export function katapultSimBench(flashKiB = 512): KatapultBench {
  const clock = new VirtualClock();
  const flash = new Flash(flashKiB);
  const faults = new ArmedFaults(() => undefined);
  const bus = new Timeline(clock, 1);
  let board = start();

  function start() {
    const power = new AbortController();
    const state = { left: false, device: null as AttachedDevice | null };
    const unplug = () => {
      power.abort(new Error('power failed'));
      state.device?.detach();
    };
    const fn = katapultOnUsb(
      {
        build: {
          mcu: 'stm32f446xx',
          launchAddress,
          blockSize: 64,
          protocolVersion: 0x00010100,
          softwareVersion: 'v0.0.1-109-g902f335',
          canbusUuid: null,
        },
        controller: new FlashController(flash, clock, new Timeline(clock, 1)),
        faults,
        power: power.signal,
        complete: () => {
          void clock.sleep(100).then(() => {
            state.left = true;
            unplug();
          });
        },
        unplug,
      },
      new Uint8Array(12),
    );
    state.device = new AttachedDevice({ portPath: '1-1', mode: 'katapult', fn, faults, bus, unplug });
    return { state, unplug, device: state.device };
  }

  function isStartable(): boolean {
    const word = flash.readWord(launchAddress);
    return word !== 0 && word !== 0xffff_ffff;
  }

  return {
    clock,
    open: () => {
      if (!board.device.claim('test')) throw new Error('still open');
      return SimByteLink.open(board.device, clock, 'sim', 250_000);
    },
    powerCycle: () => {
      board.unplug();
      board = start();
      board.state.left = isStartable();
      return Promise.resolve();
    },
    doubleTap: () => {
      board.unplug();
      board = start();
      return Promise.resolve();
    },
    runs: async () => {
      await clock.sleep(200);
      return board.state.left ? 'application' : 'katapult';
    },
    loadFlash: (address, bytes) => {
      flash.load(address, bytes);
      return Promise.resolve();
    },
    dumpFlash: () => Promise.resolve(flash.read(flashAddress, flash.sizeBytes)),
    injectFault: (fault: KatapultFault) => {
      const parsed = Fault.parse(fault);
      if (parsed.kind === 'stuck-bit') flash.stuckBits.push(parsed);
      else faults.arm(parsed);
      return Promise.resolve();
    },
    clearFaults: () => {
      faults.clear();
      flash.stuckBits.splice(0);
      return Promise.resolve();
    },
  };
}
