import type { DeviceAccess } from './devices/device-access.ts';
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
}

/** Opens the services. Native modules and the simulator are loaded only when they are needed. */
export async function openStation(options: StationOptions = {}): Promise<Station> {
  const devices = await openDevices(options.sim);
  return {
    devices,
    clock: systemClock,
    [Symbol.asyncDispose]: () => devices[Symbol.asyncDispose](),
  };
}

async function openDevices(sim: string | undefined): Promise<DeviceAccess> {
  if (sim === undefined) {
    const { HostDevices } = await import('./devices/host-devices.ts');
    return new HostDevices();
  }
  const { openSettledBench } = await import('./station/settled-bench.ts');
  return (await openSettledBench(sim)).devices;
}
