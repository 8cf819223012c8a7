import { boardMode, type BoardMode } from '../../app/boards/board-mode.ts';
import type { UsbDevice } from '../../app/boards/usb-device.ts';
import { DeviceWatch } from '../../main/jobs/device-watch.ts';
import type { BenchInput } from '../../main/sim/bench-config.ts';
import { VirtualBench } from '../../main/sim/virtual-bench.ts';
import { systemClock } from '../../main/system-clock.ts';
import { guestPrograms } from './build-for-guest.ts';
import type { Guest } from './guest/client.ts';
import { plugBench } from './plug-bench.ts';
import { openRemoteDevices, type RemoteDevices } from './remote/remote-devices.ts';

const timeoutMs = 30_000;

/** Virtual boards in this process, plugged into the guest's kernel, and the guest's own view of its real devices. */
export interface GuestBench extends AsyncDisposable {
  readonly bench: VirtualBench;
  readonly devices: RemoteDevices;
  /**
   * Does something to a board and waits until the guest sees it anew in this mode, with its serial port where it has
   * one in that mode.
   */
  arrival(portPath: string, mode: BoardMode, action: () => void): Promise<UsbDevice>;
  /** Does something to a board and waits until the guest sees nothing on its port. */
  departure(portPath: string, action: () => void): Promise<void>;
}

export async function openGuestBench(
  guest: Guest,
  input: BenchInput,
  timeScale?: number,
): Promise<GuestBench> {
  const bench = new VirtualBench(input, { clock: systemClock, timeScale });
  const devices = await openRemoteDevices(guest, guestPrograms.deviceServer);
  const watch = await DeviceWatch.open(devices, systemClock);
  const plugged = await plugBench(guest, bench);
  return {
    bench,
    devices,
    async arrival(portPath, mode, action) {
      const before = watch.at(portPath)?.arrival;
      action();
      const seen = await watch.waitFor(
        () => {
          const now = watch.at(portPath);
          if (now === null || now.arrival === before || boardMode(now.device) !== mode) return null;
          const needsTty = mode === 'katapult' || mode === 'klipper-serial';
          return needsTty && now.device.tty === null ? null : now.device;
        },
        { timeoutMs },
      );
      if (seen === null) throw new Error(`nothing in mode ${mode} came on port ${portPath}: ${shown(watch)}`);
      return seen;
    },
    async departure(portPath, action) {
      action();
      const left = await watch.waitFor(() => (watch.at(portPath) === null ? true : null), { timeoutMs });
      if (left === null) throw new Error(`the device on port ${portPath} stays: ${shown(watch)}`);
    },
    async [Symbol.asyncDispose]() {
      watch[Symbol.dispose]();
      await plugged[Symbol.asyncDispose]();
      await devices[Symbol.asyncDispose]();
      await bench[Symbol.asyncDispose]();
    },
  };
}

function shown(watch: DeviceWatch): string {
  return JSON.stringify(watch.all());
}
