import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import type { StationServices } from '../station-services.ts';

type SimHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `sim.${string}`>>;

/** The entries of the contract that are about virtual boards and their Pi. */
export function simHandlers({
  sim,
  virtualPi,
  virtualPis,
}: Pick<StationServices, 'sim' | 'virtualPi' | 'virtualPis'>): SimHandlers {
  const done = (): null => null;
  return {
    'sim.watch': (_, { signal }) => sim.follow(signal),
    'sim.add': ({ mcu }) => sim.add(mcu),
    'sim.remove': ({ id }) => sim.remove(id).then(done),
    'sim.do': ({ id, action }) => sim.do(id, action).then(done),
    'sim.fault': ({ id, fault }) => sim.fault(id, fault).then(done),
    'sim.watchPi': (_, { signal }) => virtualPis.follow(signal),
    'sim.pi': async ({ action }) => {
      virtualPi()?.do(action);
      return Promise.resolve(null);
    },
  };
}
