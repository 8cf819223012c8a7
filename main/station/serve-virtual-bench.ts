import { serveBench, type ServeBenchOptions, type ServedBench } from '../sim/serve-bench.ts';
import { systemClock } from '../system-clock.ts';

/** Virtual boards for others, in real time. The station is the only door to the simulator. */
export function serveVirtualBench(options: Omit<ServeBenchOptions, 'clock'>): Promise<ServedBench> {
  return serveBench({ ...options, clock: systemClock });
}
