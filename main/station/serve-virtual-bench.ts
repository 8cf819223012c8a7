import { serveBench, type ServeBenchOptions, type ServedBench } from '../sim/serve-bench.ts';
import { systemClock } from '../system-clock.ts';

/** Virtual boards for other programs, in real time. The station is the only way to the simulator. */
export function serveVirtualBench(options: Omit<ServeBenchOptions, 'clock'>): Promise<ServedBench> {
  return serveBench({ ...options, clock: systemClock });
}
