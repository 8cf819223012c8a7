import { CanopusError } from '../errors.ts';
import { commandCode, encodeCommand } from '../protocols/katapult/command.ts';
import { encodeAdminMessage } from '../protocols/klipper-can/admin-frame.ts';
import type { CanLink } from '../transport/can-link.ts';
import type { Clock } from '../transport/clock.ts';
import { CanByteLink } from './can-byte-link.ts';
import { isFromClaimedNode, queryNodes } from './query-nodes.ts';
import { KatapultSession } from './katapult-session.ts';

export interface NodeOptions {
  readonly canbusUuid: string;
  /** The UUID of the bridge that the bus is behind, which replies to queries like a node; null: unknown, or none. */
  readonly bridgeUuid: string | null;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** flashtool.py's 0x81 is left to it; Klipper's host counts up from 4. */
const nodeId = 0xc5;

/**
 * How long each CONNECT may take. Katapult replies in milliseconds; a Klipper that was asked for it needs some to restart,
 * longer on a slow flash. Together with the query below a silent node is named within 6 s.
 */
const connectTimeoutsMs = [100, 200, 400, 600, 800, 1000] as const;
/** At these tries the request for the bootloader is sent; Katapult ignores it. */
const requestsAt: readonly number[] = [0, 3];
/** A second node with the same UUID replies within this time. */
const twinMs = 40;
const idTimeoutMs = 700;
/** On a busy computer a reply comes in pieces, and late ones to earlier tries may be cut by the end of a wait. */
const idTries = 3;
const lateMs = 250;

/**
 * Opens the byte stream of the Katapult on the node with a known UUID: asks a running Klipper for its bootloader, gives the
 * node an id and connects. No query is needed for that, so the other nodes are not disturbed. Nothing is changed.
 *
 * Throws `can/wrong-node`, `can/duplicate-uuid`, and if the node stays silent the reason as far as the bus shows it:
 * `can/no-nodes`, `can/node-silent`, `can/claimed`, `can/no-bootloader`, `can/bus-off`, `can/error-passive`,
 * `katapult/wedged`; also what the CanLink throws.
 */
export async function openNode(can: CanLink, options: NodeOptions): Promise<CanByteLink> {
  const { canbusUuid, bridgeUuid, clock, signal } = options;
  if (canbusUuid === bridgeUuid) {
    const message = `${canbusUuid} is the bridge that this bus is behind.`;
    throw new CanopusError('can/is-bridge', message, { canbusUuid }, { state: 'untouched' });
  }
  const heard = { claimed: false };
  const link = new CanByteLink(can, {
    ...{ nodeId, clock, name: `CAN node ${canbusUuid}` },
    onOther: (frame) => (heard.claimed ||= isFromClaimedNode(frame)),
  });
  const session = new KatapultSession(link, clock);
  for (const [attempt, timeoutMs] of connectTimeoutsMs.entries()) {
    signal?.throwIfAborted();
    if (requestsAt.includes(attempt)) {
      await can.send(encodeAdminMessage({ type: 'requestBootloader', uuid: canbusUuid }), signal);
    }
    await can.send(encodeAdminMessage({ type: 'setKatapultNodeId', uuid: canbusUuid, nodeId }), signal);
    await session.send([encodeCommand(commandCode.connect)]);
    const reply = await session.reply(timeoutMs, signal);
    if (reply.type === 'silence' || reply.type === 'damaged') continue;
    await passOverLate(session, attempt, signal);
    for (let tries = 0; tries < idTries; tries++) {
      if (await isOnlyThisNode(session, options)) return link;
    }
    break;
  }
  throw await silence(can, options, heard.claimed);
}

/** Late replies to earlier tries, which would be taken for replies to what is asked next. */
async function passOverLate(
  session: KatapultSession,
  most: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let taken = 0; taken < most; taken++) {
    if ((await session.reply(lateMs, signal)).type === 'silence') return;
  }
}

/** GET_CANBUS_ID, and whether one node alone replied; false if what came is no whole reply. */
async function isOnlyThisNode(
  session: KatapultSession,
  { canbusUuid, signal }: NodeOptions,
): Promise<boolean> {
  const seen: string[] = [];
  let isDamaged = false;
  await session.send([encodeCommand(commandCode.getCanbusId)]);
  for (let timeoutMs = idTimeoutMs; ;) {
    const reply = await session.reply(timeoutMs, signal);
    if (reply.type === 'silence') break;
    if (reply.type === 'damaged') isDamaged = true;
    // Late replies to earlier connects may come in between.
    if (reply.type !== 'ack' || reply.command !== commandCode.getCanbusId) continue;
    seen.push(hex(reply.data.subarray(0, 6)));
    timeoutMs = twinMs;
  }
  const state = 'untouched';
  const [first, second] = seen;
  if (second !== undefined) {
    const message = `Two nodes replied as ${canbusUuid}: ${[...new Set(seen)].join(' and ')}.`;
    throw new CanopusError('can/duplicate-uuid', message, { canbusUuid }, { state });
  }
  if (isDamaged || first === undefined) return false;
  if (first === canbusUuid) return true;
  const message = `The node that was asked as ${canbusUuid} reports ${first}.`;
  throw new CanopusError('can/wrong-node', message, { canbusUuid, reported: first }, { state });
}

/** Why a node does not reply, as far as a query and the adapter show it. */
async function silence(
  can: CanLink,
  { canbusUuid, bridgeUuid, clock, signal }: NodeOptions,
  heardClaimed: boolean,
): Promise<CanopusError> {
  const { nodes, duplicates, claimedIds } = await queryNodes(can, { clock, signal, clearsKatapultIds: true });
  const found = nodes.find((node) => node.canbusUuid === canbusUuid);
  const others = nodes.filter((node) => node !== found && node.canbusUuid !== bridgeUuid);
  const details = { canbusUuid, others: others.map((node) => node.canbusUuid) };
  const error = (code: ConstructorParameters<typeof CanopusError>[0], message: string): CanopusError =>
    new CanopusError(code, message, details, { state: 'untouched' });
  // A Katapult gives its id up when it hears another node on it: two of one UUID silence each other.
  if (duplicates.includes(canbusUuid))
    return error('can/duplicate-uuid', `Two nodes on the bus reply as ${canbusUuid}.`);
  if (found?.application === 'katapult')
    return error(
      'katapult/wedged',
      `Katapult on ${canbusUuid} takes a node id, but no longer replies to commands.`,
    );
  if (found !== undefined)
    return error(
      'can/no-bootloader',
      `${canbusUuid} was asked for its bootloader twice and still runs Klipper.`,
    );
  if (can.health === 'bus-off') return error('can/bus-off', `${can.label} is bus-off.`);
  if (can.health === 'error-passive') return error('can/error-passive', `${can.label} is error-passive.`);
  if (heardClaimed || claimedIds.length > 0)
    return error(
      'can/claimed',
      `${canbusUuid} does not reply, and nodes on the bus talk to a running Klipper.`,
    );
  if (others.length > 0) {
    const count = others.length === 1 ? 'one other node does' : `${others.length} other nodes do`;
    return error('can/node-silent', `${canbusUuid} does not reply; ${count}.`);
  }
  const bridge =
    bridgeUuid === null ? '' : ' The bridge takes every frame, but that says nothing about the wires.';
  return error('can/no-nodes', `Neither ${canbusUuid} nor any other node on ${can.label} replies.${bridge}`);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
