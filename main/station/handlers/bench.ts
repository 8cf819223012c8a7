import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';
import type { BenchRunner } from '../bench/bench-runner.ts';

type BenchHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `bench.${string}`>>;

/** Serves the entries of the bench. */
export function benchHandlers(bench: BenchRunner): BenchHandlers {
  /** What the bench refuses rejects the call and is not thrown past it. */
  const doing = async (work: () => void): Promise<null> => {
    work();
    return Promise.resolve(null);
  };
  return {
    'bench.slots': (_, { signal }) => bench.followSlots(signal),
    'bench.session': (_, { signal }) => bench.followSession(signal),
    'bench.arm': (order) => bench.arm(order),
    'bench.disarm': ({ recipeId }) => doing(() => bench.disarm(recipeId)),
    'bench.retry': ({ portPaths }) => doing(() => bench.choose({ type: 'retry', portPaths })),
    'bench.vouch': ({ portPath, chipMarking }) =>
      doing(() => bench.choose({ type: 'vouch', portPath, chipMarking: parseMarking(chipMarking) })),
    'bench.again': ({ portPath }) => doing(() => bench.choose({ type: 'again', portPath })),
    'bench.cancel': ({ portPaths }) => doing(() => bench.choose({ type: 'cancel', portPaths })),
    'bench.newSession': () => doing(() => bench.choose({ type: 'new-session' })),
    'bench.arrange': async (map) => Promise.resolve(bench.arrange(map)),
    'bench.forgetSlot': ({ portPath }) => doing(() => bench.forgetSlot(portPath)),
  };
}
