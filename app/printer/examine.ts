import { queryNodes, type QueryResult } from '../flash/query-nodes.ts';
import { encodeAdminMessage } from '../protocols/klipper-can/admin-frame.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';
import { BusListener } from './bus-listener.ts';
import type { BusExamination, ExaminationEvent, NamedNode } from './examination.ts';
import { judgeBus } from './examination-findings.ts';
import { askAtRate, askWhileMoved } from './examination-phases.ts';
import { resetNodes, resetNodesInTime, waitForNodes } from './examination-reset.ts';
import { NodeSight } from './node-sight.ts';

export interface ExaminationOrder {
  /** Those that printer.cfg names; others that reply to a query, and the bridge, are examined under other names. */
  readonly nodes: readonly NamedNode[];
  /** Null: the adapter is no Klipper bridge. */
  readonly bridgeUuid: string | null;
  readonly clock: Clock;
  /** Requests per second and node of each step of the ramp; null: as fast as it replies. */
  readonly ratesPerSecond?: readonly (number | null)[];
  /** How long each step takes. */
  readonly stepMs?: number;
  /** How long a person moves the cables; 0 skips that. */
  readonly movedMs?: number;
  /** Ends the moving early. */
  readonly enough?: AbortSignal | undefined;
  /** How long a reply may take before it is lost. Default for this computer; add the way to a Pi. */
  readonly replyMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Klipper's host counts node ids up from 4, and `isFromClaimedNode` ends below 128. */
const firstNodeId = 100;
const mostNodes = 28;
const usual = { ratesPerSecond: [50, 100, 200, 400, null], stepMs: 1000, replyMs: 250 } as const;

/**
 * Asks every node of a bus for what it has to send anyway, and counts the replies: alone, all at once at rising rates, and
 * while a person moves the cables. Only replies prove anything: a bridge's echo and the counters of Linux behind it do not.
 * Klipper must not run on the bus. Nodes get new ids and are reset afterwards, except a bridge, whose reset would take the
 * bus away; what did not reply is left alone. Returns what was seen and what it means. Throws as the CanLink does, and the
 * reason of `signal`. Facts: Klipper, docs/CANBUS_Troubleshooting.md, docs/Protocol.md, src/generic/canserial.c.
 */
export async function* examineBus(
  can: CanLink,
  order: ExaminationOrder,
): AsyncGenerator<ExaminationEvent, BusExamination, void> {
  const { clock, signal, bridgeUuid, movedMs = 0 } = order;
  const query = await queryNodes(can, { clock, signal });
  const sights = targetsOf(order, query).map((named, index) => {
    const isBridge = named.canbusUuid === bridgeUuid;
    const replyMs = order.replyMs ?? usual.replyMs;
    const sight = new NodeSight(can, named, { nodeId: firstNodeId + index, isBridge, clock, replyMs });
    const seen = query.nodes.find(({ canbusUuid }) => canbusUuid === named.canbusUuid);
    if (query.duplicates.includes(named.canbusUuid)) sight.leftAlone = 'duplicate';
    else if (seen?.application === 'katapult') sight.leftAlone = 'katapult';
    return sight;
  });
  const asked = sights.filter(({ leftAlone }) => leftAlone === null);
  await using listener = new BusListener(
    can,
    asked.map((sight) => sight.asked),
    signal,
  );
  const work = listener.signal;
  let isReset = false;
  try {
    for (const { named, nodeId } of asked) {
      const message = { type: 'setKlipperNodeId', uuid: named.canbusUuid, nodeId } as const;
      await can.send(encodeAdminMessage(message), work);
    }
    for (const sight of asked) {
      await sight.readAlone(work);
      yield { type: 'exam-idle', name: sight.named.name, tally: sight.idle.counts };
    }
    const there = asked.filter(({ replies }) => replies);
    for (const ratePerSecond of order.ratesPerSecond ?? usual.ratesPerSecond)
      yield await askAtRate(there, { ratePerSecond, forMs: order.stepMs ?? usual.stepMs, signal: work });
    if (movedMs > 0) yield* askWhileMoved(there, { clock, movedMs, enough: order.enough, signal: work });
    for (const sight of there) await sight.lookAgain(work);
    const names = await resetNodes(asked, { clock, signal: work });
    isReset = true;
    yield { type: 'exam-reset', names };
  } finally {
    if (!isReset) await resetNodesInTime(asked, clock);
  }
  await listener[Symbol.asyncDispose]();
  await waitForNodes(can, asked, { clock, signal });
  const named = new Set(order.nodes.map(({ canbusUuid }) => canbusUuid));
  const others = query.nodes.map(({ canbusUuid }) => canbusUuid);
  const sight = {
    nodes: sights.map(({ report }) => report),
    others: others.filter((canbusUuid) => !named.has(canbusUuid) && canbusUuid !== bridgeUuid),
    duplicates: [...query.duplicates],
    adapter: can.health,
  };
  return { ...sight, ...judgeBus(sight) };
}

/** As many as there are node ids for; a bus has far fewer. */
function targetsOf({ nodes, bridgeUuid }: ExaminationOrder, query: QueryResult): NamedNode[] {
  const all = new Map(nodes.map((named) => [named.canbusUuid, named]));
  const add = (name: string, canbusUuid: string): void => {
    if (!all.has(canbusUuid)) all.set(canbusUuid, { name, canbusUuid });
  };
  if (bridgeUuid !== null) add('bridge', bridgeUuid);
  for (const { canbusUuid } of query.nodes) add(canbusUuid, canbusUuid);
  return [...all.values()].slice(0, mostNodes);
}
