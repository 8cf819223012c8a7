import type { DeviceAccess } from '../../main/devices/device-access.ts';
import { HostDevices } from '../../main/devices/host-devices.ts';
import { HostView } from '../../main/sim/host-view/host-view.ts';
import type { VirtualBench } from '../../main/sim/virtual-bench.ts';

export type SystemUnderTest = 'linux' | 'win32' | 'darwin';

let current: SystemUnderTest = 'linux';

/**
 * Every virtual bench of this test file is seen as this system shows it. A file that calls this and then imports another
 * test file runs that one's tests on this system.
 */
export function seeAs(system: SystemUnderTest): void {
  current = system;
}

export function systemUnderTest(): SystemUnderTest {
  return current;
}

/** The bench's boards as the system under test shows them to the station; virtual devices as they are for Linux. */
export function devicesOf(bench: VirtualBench): DeviceAccess {
  if (current === 'linux') return bench.devices;
  return new HostDevices({ clock: bench.clock, system: new HostView(bench, { system: current }) });
}
