import { aborted } from '../../app/aborted.ts';
import { serveContract, type Served } from '../../app/contract/server.ts';
import { stationContract } from '../../app/contract/station-contract.ts';
import type { TextLink } from '../../app/contract/text-link.ts';
import type { HostFeatures } from '../station/host-features.ts';
import type { SharedStation } from '../station/open-shared-station.ts';
import { stationHandlers } from '../station/station-handlers.ts';
import { internalLog, type HostLog } from './host-log.ts';

/** Serves a station to the client at the other end of a link. */
export function serveStation(
  { station, services }: SharedStation,
  features: HostFeatures,
  link: TextLink,
  log: HostLog,
): Served {
  return serveContract(stationContract, stationHandlers(services, features), link, {
    clock: station.clock,
    onInternalError: internalLog(log),
    onRefused: ({ code, message }) => log.warn({ code }, message),
  });
}

/** What a host without menu, dialogs and updates has to say: nothing. */
export async function* silentUntil(signal: AbortSignal): AsyncGenerator<never, void, void> {
  await aborted(signal);
  yield* [];
}
