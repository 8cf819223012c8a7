import { EventEmitter, once } from 'node:events';
import { portOf } from '../../app/boards/usb-device.ts';
import type { GuestBench } from '../kernel/guest-bench.ts';
import type { Guest } from '../kernel/guest/client.ts';
import { port } from './guest-tools.ts';
import { median } from './table.ts';

/** From one event to the next, in milliseconds of the guest's clock. */
export interface HotplugLatency {
  /** From the kernel's event to the station's. */
  readonly attachMs: readonly number[];
  readonly detachMs: readonly number[];
  /** From udevd's event, after its rules have run, to the station's. */
  readonly afterUdevMs: readonly number[];
}

/**
 * Plugs a virtual board in and out and watches both sides in the guest: the kernel's uevents of the USB device, and
 * what `DeviceAccess.watch` of the real devices reports. Both are stamped with the guest's monotonic clock.
 */
export async function hotplugLatency(
  guest: Guest,
  guestBench: GuestBench,
  rounds: number,
): Promise<HotplugLatency> {
  const seen = new Map<string, number>();
  const noted = new EventEmitter();
  const note = (name: string, monotonicMs: number): void => {
    if (!seen.has(name)) seen.set(name, monotonicMs);
    noted.emit('noted');
  };
  const stopKernel = await guest.watch(({ source, monotonicMs, properties }) => {
    if (properties['DEVTYPE'] !== 'usb_device' || !properties['DEVPATH']?.endsWith(`/${port}`)) return;
    note(`${source} ${properties['ACTION'] ?? ''}`, monotonicMs);
  });
  const stopStation = await guestBench.devices.watchTimed((event, monotonicMs) => {
    const portPath = portOf(event);
    if (portPath === port) note(`station ${event.type}`, monotonicMs);
  });
  /** When each of these was seen, in milliseconds; the two sides report over their own connections. */
  const times = async (...names: readonly string[]): Promise<number[]> => {
    while (!names.every((name) => seen.has(name))) await once(noted, 'noted');
    return names.map((name) => seen.get(name) ?? Number.NaN);
  };
  const board = guestBench.bench.board('a');
  const attachMs: number[] = [];
  const detachMs: number[] = [];
  const afterUdevMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    seen.clear();
    board.unplug();
    const [removed = 0, detached = 0] = await times('kernel remove', 'station detach');
    detachMs.push(detached - removed);
    await guestBench.absent(port);
    seen.clear();
    board.plug();
    const [added = 0, ready = 0, attached = 0] = await times('kernel add', 'udev add', 'station attach');
    attachMs.push(attached - added);
    afterUdevMs.push(attached - ready);
    await guestBench.present(port, 'dfu');
  }
  stopStation();
  stopKernel();
  return { attachMs, detachMs, afterUdevMs };
}

/** `12 ms (worst of 10: 20 ms)`. */
export function spread(values: readonly number[]): string {
  const worst = Math.max(...values);
  return `${median(values).toFixed(0)} ms (worst of ${values.length}: ${worst.toFixed(0)} ms)`;
}
