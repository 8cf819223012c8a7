import { CanopusError } from '../errors.ts';

/** A node that is known to be on a bus. */
export interface RatedNode {
  readonly canbusUuid: string;
  /** What its firmware was built for; null: unknown. */
  readonly bitrateBps: number | null;
  /** Its Katapult can be replaced over USB. */
  readonly hasUsbWay: boolean;
}

/** A bridge that is about to get firmware, and what hangs behind it. */
export interface RateChange {
  /** Of the bus now; null: unknown. */
  readonly busBitrateBps: number | null;
  /** Of the new image of the bridge; null: unknown. */
  readonly wantedBps: number | null;
  readonly nodes: readonly RatedNode[];
  /** Nodes that a person named as lost to the bus by this change. */
  readonly confirmed: readonly string[];
}

/**
 * The nodes that a change of the bit rate puts out of reach over CAN: their Katapult keeps the old rate. Throws
 * `can/rate-strands-nodes` unless every one of them can get another Katapult over USB, or was named in a confirmation.
 */
export function requireReachableNodes(change: RateChange): readonly RatedNode[] {
  const { busBitrateBps, wantedBps, nodes, confirmed } = change;
  if (busBitrateBps === null || wantedBps === null || busBitrateBps === wantedBps) return [];
  const left = nodes.filter(({ bitrateBps }) => bitrateBps === busBitrateBps);
  const lost = left.filter(({ canbusUuid, hasUsbWay }) => !hasUsbWay && !confirmed.includes(canbusUuid));
  if (lost.length === 0) return left;
  const uuids = lost.map(({ canbusUuid }) => canbusUuid);
  const those = uuids.length === 1 ? 'which has' : 'which have';
  const message = `The image sets the bus to ${wantedBps} bit/s. Out of reach at the old rate of ${busBitrateBps}: ${uuids.join(', ')}, ${those} no known way in over USB.`;
  const details = { wanted: wantedBps, bus: busBitrateBps, nodes: uuids.join(',') };
  throw new CanopusError('can/rate-strands-nodes', message, details, { state: 'untouched' });
}
