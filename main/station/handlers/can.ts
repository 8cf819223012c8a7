import type { StationHandlers, StationOutput } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { QueryResult } from '../../../app/flash/query-nodes.ts';
import { nodePlace, parsePlace, piNodePlace, placeWords, type PlaceId } from '../../../app/place.ts';
import { nodesOn } from '../../jobs/flash-node-at.ts';
import type { StationServices } from '../station-services.ts';

type CanCalls = Pick<StationHandlers, Extract<keyof StationHandlers, `can.${string}`>>;

export function canHandlers({
  devices,
  writing,
  reaches,
}: Pick<StationServices, 'devices' | 'writing' | 'reaches'>): CanCalls {
  return {
    'can.nodes': (bus, { signal }) => {
      if (!('bridge' in bus)) {
        const { piId, interfaceName } = bus;
        const how = { note: () => undefined, signal };
        return reaches.onBus(piId, interfaceName, how, async (services) =>
          viewOf(await nodesOn(services, bus, signal), (uuid) => piNodePlace(piId, interfaceName, uuid)),
        );
      }
      const { bridge } = bus;
      const found = parsePlace(bridge);
      if (found?.kind !== 'usb') {
        const message = `${placeWords(bridge)} is no USB port of this computer.`;
        throw new CanopusError('device/unreachable', message, { place: bridge }, { state: 'untouched' });
      }
      return writing.besideRuns(bridge, async () => {
        const result = await nodesOn(devices, { bridge }, signal);
        return viewOf(result, (uuid) => nodePlace(found.portPath, uuid));
      });
    },
  };
}

function viewOf(
  { nodes, duplicates, claimedIds }: QueryResult,
  placeOf: (canbusUuid: string) => PlaceId,
): StationOutput<'can.nodes'> {
  return {
    nodes: nodes.map((node) => ({ ...node, place: placeOf(node.canbusUuid) })),
    duplicates: [...duplicates],
    isClaimed: claimedIds.length > 0,
  };
}
