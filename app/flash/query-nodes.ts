import { isCanopusError } from '../errors.ts';
import {
  encodeAdminMessage,
  parseAdminFrame,
  type NodeApplication,
} from '../protocols/klipper-can/admin-frame.ts';
import type { CanFrame, CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';

/** A node that replied to a query: it has no node id. */
export interface QueriedNode {
  readonly canbusUuid: string;
  readonly application: NodeApplication;
}

export interface QueryResult {
  /** In the order of their replies, each once. */
  readonly nodes: readonly QueriedNode[];
  /** UUIDs that more than one reply to one query had: two nodes claim the same one. */
  readonly duplicates: readonly string[];
  /** Data frames of nodes with an id: a running host has claimed them. */
  readonly claimedIds: readonly number[];
}

/** A node replies in less than a millisecond; a collision of many replies is over in some milliseconds, too. */
const repliesMs = 300;

/** Ids of data frames from Klipper nodes: its host counts up from 4, Katapults have 128 and more. */
const firstKlipperId = 0x109;
const firstKatapultId = 0x200;

/** True for a frame that a Klipper node sends to its host. */
export function isFromClaimedNode({ id, extended }: CanFrame): boolean {
  return !extended && id >= firstKlipperId && id < firstKatapultId && (id & 1) === 1;
}

/**
 * Asks over a bus which nodes have no node id, Klipper and Katapult alike, and listens to what else is there. Only for a
 * bus without a running Klipper host: a query disturbs one, and claimed nodes do not reply. Several nodes reply at once
 * with one id and different bytes, which wears their error counters: it is asked once, and never again on its own.
 */
export async function queryNodes(
  can: CanLink,
  {
    clock,
    clearsKatapultIds = false,
    signal,
  }: { clock: Clock; clearsKatapultIds?: boolean; signal?: AbortSignal | undefined },
): Promise<QueryResult> {
  const nodes = new Map<string, QueriedNode>();
  const duplicates = new Set<string>();
  const claimed = new Set<number>();
  if (clearsKatapultIds) await can.send(encodeAdminMessage({ type: 'clearKatapultNodeIds' }), signal);
  await can.send(encodeAdminMessage({ type: 'queryUnassigned' }), signal);
  const untilMs = clock.nowMs() + repliesMs;
  try {
    for (let leftMs = repliesMs; leftMs > 0; leftMs = untilMs - clock.nowMs()) {
      const frame = await can.receive({ timeoutMs: leftMs, signal });
      const message = parseAdminFrame(frame);
      if (message?.type === 'needNodeId') {
        const { uuid: canbusUuid, application } = message;
        if (nodes.has(canbusUuid)) duplicates.add(canbusUuid);
        nodes.set(canbusUuid, { canbusUuid, application });
      } else if (isFromClaimedNode(frame)) claimed.add((frame.id - 0x101) / 2);
    }
  } catch (error) {
    // All replies are in.
    if (!isCanopusError(error, 'link/timeout')) throw error;
  }
  return { nodes: [...nodes.values()], duplicates: [...duplicates], claimedIds: [...claimed] };
}
