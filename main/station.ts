import type { DeviceAccess } from './devices/device-access.ts';
import { DevicesWhenNeeded } from './devices/devices-when-needed.ts';
import type { VirtualBench } from './sim/virtual-bench.ts';
import type { Clock } from '../app/transport/clock.ts';
import type { System } from '../app/system.ts';
import { hostPlatform } from './devices/native-errors.ts';
import { systemClock } from './system-clock.ts';

export interface StationOptions {
  /** A bench file (see docs/virtual-bench.md): virtual boards instead of this computer's USB. */
  readonly sim?: string | undefined;
}

/** Everything one running Canopus owns. Hosts only pass calls to it. */
export interface Station extends AsyncDisposable {
  readonly devices: DeviceAccess;
  readonly clock: Clock;
  /** The system of the devices: this computer's, or the one of the virtual bench. */
  readonly system: System;
  /** The virtual boards that replace all of this computer's USB; null if `devices` are real. */
  readonly bench: VirtualBench | null;
}

/** Opens the services. Loads native modules and the simulator only when they are needed. */
export async function openStation(options: StationOptions = {}): Promise<Station> {
  const bench = options.sim === undefined ? null : await openBench(options.sim);
  const devices = bench === null ? new DevicesWhenNeeded(openDevices) : await devicesOfBench(bench);
  return {
    devices,
    clock: systemClock,
    system: bench?.seenAs?.system ?? hostPlatform,
    bench,
    async [Symbol.asyncDispose]() {
      await devices[Symbol.asyncDispose]();
      await bench?.[Symbol.asyncDispose]();
    },
  };
}

/** Virtual boards directly, or as Windows or a Mac would show them. */
async function devicesOfBench(bench: VirtualBench): Promise<DeviceAccess> {
  if (bench.seenAs === null) return bench.devices;
  const { HostDevices } = await import('./devices/host-devices.ts');
  const { HostView } = await import('./sim/host-view/host-view.ts');
  return new HostDevices({ clock: bench.clock, system: new HostView(bench, bench.seenAs) });
}

async function openDevices(): Promise<DeviceAccess> {
  const { HostDevices } = await import('./devices/host-devices.ts');
  return new HostDevices();
}

async function openBench(sim: string): Promise<VirtualBench> {
  const { openSettledBench } = await import('./station/settled-bench.ts');
  return openSettledBench(sim);
}
