import { EventQueue } from '../../../app/contract/event-queue.ts';
import type {
  StationEvent,
  StationHandlers,
  StationInput,
  StationOutput,
} from '../../../app/contract/station-contract.ts';
import { CanopusError } from '../../../app/errors.ts';
import type { QueryResult } from '../../../app/flash/query-nodes.ts';
import {
  nodePlace,
  parsePlace,
  piNodePlace,
  placeWords,
  type PlaceId,
  type PortPath,
} from '../../../app/place.ts';
import { nodesBehind } from '../../history/nodes-behind.ts';
import { examineBusAt } from '../../jobs/examine-bus-at.ts';
import { nodesOn } from '../../jobs/flash-node-at.ts';
import type { JobServices } from '../../jobs/job-services.ts';
import type { StationServices } from '../station-services.ts';

type CanCalls = Pick<StationHandlers, Extract<keyof StationHandlers, `can.${string}`>>;

export function canHandlers({
  devices,
  writing,
  reaches,
  history,
  firmware,
  sim,
}: Pick<StationServices, 'devices' | 'writing' | 'reaches' | 'history' | 'firmware' | 'sim'>): CanCalls {
  const withBus = <T>(
    bus: BusInput,
    { note, signal }: BusHow,
    work: (services: JobServices) => Promise<T>,
  ) => {
    if (!('bridge' in bus)) return reaches.onBus(bus.piId, bus.interfaceName, { note, signal }, work);
    portOf(bus.bridge);
    return writing.besideRuns(bus.bridge, () => work(devices));
  };
  return {
    'can.nodes': (bus, { signal }) =>
      withBus(bus, { note: () => undefined, signal }, async (services) =>
        viewOf(await nodesOn(services, bus, signal), (uuid) => nodePlaceOn(bus, uuid)),
      ),
    'can.recorded': async ({ bridge }) => {
      const portPath = portOf(bridge);
      const where = { bridge, isVirtual: sim.isVirtual(bridge) };
      const nodes = await nodesBehind(history, (key) => firmware.cache.readRecord(key), where);
      return { nodes: nodes.map((node) => ({ ...node, place: nodePlace(portPath, node.canbusUuid) })) };
    },
    'can.examine': async function* ({ bus, nodes, movedMs }, { signal }) {
      const queue = new EventQueue<StationEvent<'can.examine'>>();
      const note = (text: string): void => queue.push({ type: 'note', text });
      const work = withBus(bus, { note, signal }, (services) =>
        examineBusAt(services, { bus, nodes, movedMs, signal, onEvent: (event) => queue.push(event) }),
      );
      const ended = (): void => queue.end('done');
      work.then(ended, ended);
      for (let item = await queue.take(); item.type === 'event'; item = await queue.take()) yield item.value;
      yield { type: 'result', examination: await work };
    },
  };
}

type BusInput = StationInput<'can.nodes'>;

interface BusHow {
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
}

function nodePlaceOn(bus: BusInput, canbusUuid: string): PlaceId {
  return 'bridge' in bus
    ? nodePlace(portOf(bus.bridge), canbusUuid)
    : piNodePlace(bus.piId, bus.interfaceName, canbusUuid);
}

function portOf(bridge: PlaceId): PortPath {
  const found = parsePlace(bridge);
  if (found?.kind === 'usb') return found.portPath;
  const message = `${placeWords(bridge)} is no USB port of this computer.`;
  throw new CanopusError('device/unreachable', message, { place: bridge }, { state: 'untouched' });
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
