import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import type { StationServices } from '../station-services.ts';

type SimHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `sim.${string}`>>;

/** The entries of the contract about virtual boards and their Pi. */
export function simHandlers({
  sim,
  virtualPi,
  virtualPis,
}: Pick<StationServices, 'sim' | 'virtualPi' | 'virtualPis'>): SimHandlers {
  return {
    'sim.watch': (_, { signal }) => sim.follow(signal),
    'sim.add': ({ mcu }) => sim.add(mcu),
    'sim.remove': ({ id }) => sim.remove(id),
    'sim.do': ({ id, action }) => sim.do(id, action),
    'sim.fault': ({ id, fault }) => sim.fault(id, fault),
    'sim.watchPi': (_, { signal }) => virtualPis.follow(signal),
    'sim.pi': ({ action }) => virtualPi()?.do(action),
  };
}
