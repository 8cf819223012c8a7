import type { DeviceAccess } from './devices/device-access.ts';
import type { VirtualBench } from './sim/virtual-bench.ts';
import type { Clock } from '../app/transport/clock.ts';
import { systemClock } from './system-clock.ts';

export interface StationOptions {
  /** A bench file (see docs/virtual-bench.md): virtual boards instead of this computer's USB. */
  readonly sim?: string | undefined;
}

/** Everything one running Canopus owns. Hosts only pass calls on to it. */
export interface Station extends AsyncDisposable {
  readonly devices: DeviceAccess;
  readonly clock: Clock;
  /** The virtual boards that stand in for all of this computer's USB; null where `devices` are real. */
  readonly bench: VirtualBench | null;
}

/** Opens the services. Native modules and the simulator are loaded only when they are needed. */
export async function openStation(options: StationOptions = {}): Promise<Station> {
  const bench = options.sim === undefined ? null : await openBench(options.sim);
  const devices = bench?.devices ?? (await openDevices());
  return {
    devices,
    clock: systemClock,
    bench,
    [Symbol.asyncDispose]: () => devices[Symbol.asyncDispose](),
  };
}

async function openDevices(): Promise<DeviceAccess> {
  const { HostDevices } = await import('./devices/host-devices.ts');
  return new HostDevices();
}

async function openBench(sim: string): Promise<VirtualBench> {
  const { openSettledBench } = await import('./station/settled-bench.ts');
  return openSettledBench(sim);
}
