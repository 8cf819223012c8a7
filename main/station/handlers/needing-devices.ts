import type { ReplayContext } from '../../../app/contract/define.ts';
import { stationContract, type StationHandlers } from '../../../app/contract/station-contract.ts';

/** What of the contract is about what is plugged in; a trailing dot means all of an area. */
const needing = [
  ...['boards.', 'flash.', 'can.', 'flows.', 'bench.', 'sim.', 'printer.'],
  ...['backups.check', 'backups.restore', 'doctor.run', 'recipes.arm'],
];

type Handler = (input: unknown, context: ReplayContext) => unknown;

/**
 * Opens the devices before the first of these entries is served: a command such as `canopus history` opens a station of
 * its own and never needs them.
 */
export function needingDevices(handlers: StationHandlers, open: () => Promise<void>): StationHandlers {
  const all = Object.entries(handlers as Readonly<Record<string, Handler>>);
  const served = all.map(([name, handler]): [string, Handler] => {
    if (!needing.some((prefix) => name === prefix || (prefix.endsWith('.') && name.startsWith(prefix))))
      return [name, handler];
    const { kind } = stationContract[name as keyof typeof stationContract];
    return [name, kind === 'call' ? callAfter(open, handler) : streamAfter(open, handler)];
  });
  return Object.fromEntries(served) as unknown as StationHandlers;
}

function callAfter(open: () => Promise<void>, handler: Handler): Handler {
  return async (input, context) => {
    await open();
    return await handler(input, context);
  };
}

function streamAfter(open: () => Promise<void>, handler: Handler): Handler {
  return async function* (input, context) {
    await open();
    yield* handler(input, context) as AsyncIterable<unknown>;
  };
}
