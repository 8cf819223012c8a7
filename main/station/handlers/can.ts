import type { StationHandlers } from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import { nodePlace, parsePlace, placeWords } from '../../../app/place.ts';
import { nodesBehind } from '../../jobs/flash-node-at.ts';
import type { StationServices } from '../station-services.ts';

type CanCalls = Pick<StationHandlers, Extract<keyof StationHandlers, `can.${string}`>>;

export function canHandlers({ devices, writing }: Pick<StationServices, 'devices' | 'writing'>): CanCalls {
  return {
    'can.nodes': ({ bridge }, { signal }) => {
      const found = parsePlace(bridge);
      if (found?.kind !== 'usb') {
        const message = `${placeWords(bridge)} is no USB port of this computer.`;
        throw new CanopusError('device/unreachable', message, { place: bridge }, { state: 'untouched' });
      }
      return writing.besideRuns(bridge, async () => {
        const { nodes, duplicates, claimedIds } = await nodesBehind(devices, bridge, signal);
        return {
          nodes: nodes.map((node) => ({ ...node, place: nodePlace(found.portPath, node.canbusUuid) })),
          duplicates: [...duplicates],
          isClaimed: claimedIds.length > 0,
        };
      });
    },
  };
}
