import { ArmedFaults } from '../../../../main/sim/armed-faults.ts';
import { AttachedDevice } from '../../../../main/sim/bus/attached-device.ts';
import type { Fault } from '../../../../main/sim/fault.ts';
import { FlashController } from '../../../../main/sim/flash/flash-controller.ts';
import { Flash } from '../../../../main/sim/flash/flash.ts';
import type { KatapultBuild } from '../../../../main/sim/katapult/katapult-core.ts';
import { katapultOnUsb } from '../../../../main/sim/katapult/katapult-usb.ts';
import { SimByteLink } from '../../../../main/sim/links/sim-byte-link.ts';
import { Timeline } from '../../../../main/sim/time/timeline.ts';
import { VirtualClock } from '../../../../main/sim/time/virtual-clock.ts';

/** The build whose exchanges are in test/fixtures/katapult. */
export const vectorBuild: KatapultBuild = {
  mcu: 'stm32f446xx',
  launchAddress: 0x08008000,
  blockSize: 64,
  protocolVersion: 0x00010100,
  softwareVersion: 'v0.0.1-109-g902f335',
  canbusUuid: null,
};

export const vectorUid = Uint8Array.from(Buffer.from('430014000A50534E4E313120', 'hex'));

/** Katapult alone on a cable: no board around it that could reset. */
export function katapultRig(options: { build?: Partial<KatapultBuild>; faults?: Fault[] } = {}) {
  const clock = new VirtualClock();
  const flash = new Flash(512);
  const faults = new ArmedFaults(() => undefined);
  for (const fault of options.faults ?? []) faults.arm(fault);
  const power = new AbortController();
  const completed: number[] = [];
  const unplug = () => {
    power.abort(new Error('power failed'));
    device.detach();
  };
  const fn = katapultOnUsb(
    {
      build: { ...vectorBuild, ...options.build },
      controller: new FlashController(flash, clock, new Timeline(clock, 1)),
      faults,
      power: power.signal,
      complete: () => completed.push(clock.nowMs()),
      unplug,
    },
    vectorUid,
  );
  const bus = new Timeline(clock, 1);
  const device = new AttachedDevice({ portPath: '1-1', mode: 'katapult', fn, faults, bus, unplug });
  const open = async () => {
    device.claim('serial');
    return SimByteLink.open(device, clock, 'sim:1-1', 250_000);
  };
  return { clock, flash, faults, device, fn, completed, unplug, open };
}

/** Reads until `length` bytes are there, or for `quietMs` nothing came. */
export async function readAll(link: SimByteLink, length: number, quietMs = 3000): Promise<Uint8Array> {
  let all = new Uint8Array(0);
  while (all.length < length) {
    try {
      all = Uint8Array.from([...all, ...(await link.read({ timeoutMs: quietMs }))]);
    } catch {
      return all;
    }
  }
  return all;
}
