import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { parseMarking } from '../../../app/mcu/marking.ts';
import type { BenchRunner } from '../bench/bench-runner.ts';

type BenchHandlers = Pick<StationHandlers, Extract<keyof StationHandlers, `bench.${string}`>>;

/** Serves the entries of the bench. */
export function benchHandlers(bench: BenchRunner): BenchHandlers {
  return {
    'bench.slots': (_, { signal }) => bench.followSlots(signal),
    'bench.session': (_, { signal }) => bench.followSession(signal),
    'bench.arm': (order) => bench.arm(order),
    'bench.disarm': ({ recipeId }) => bench.disarm(recipeId),
    'bench.retry': ({ portPaths }) => bench.choose({ type: 'retry', portPaths }),
    'bench.vouch': ({ portPath, chipMarking }) =>
      bench.choose({ type: 'vouch', portPath, chipMarking: parseMarking(chipMarking) }),
    'bench.again': ({ portPath }) => bench.choose({ type: 'again', portPath }),
    'bench.cancel': ({ portPaths }) => bench.choose({ type: 'cancel', portPaths }),
    'bench.newSession': () => bench.choose({ type: 'new-session' }),
    'bench.arrange': (map) => bench.arrange(map),
    'bench.forgetSlot': ({ portPath }) => bench.forgetSlot(portPath),
  };
}
