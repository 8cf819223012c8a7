import { parseCanbusUuid } from '../../units.ts';
import type { CanFrame } from '../../transport/can-link.ts';

/** The two ids on which every node without a number listens and sends. */
export const adminId = { toNodes: 0x3f0, fromNodes: 0x3f1 } as const;

const code = {
  queryUnassigned: 0x00,
  setKlipperNodeId: 0x01,
  requestBootloader: 0x02,
  setKatapultNodeId: 0x11,
  clearKatapultNodeIds: 0x12,
  needNodeId: 0x20,
} as const;

/** The meaning of an admin frame. `uuid` is 12 lower-case hex digits. */
export type AdminMessage =
  /** To all: who has no number? Unclaimed Klipper and Katapult nodes reply with `needNodeId`. */
  | { readonly type: 'queryUnassigned' }
  | { readonly type: 'setKlipperNodeId'; readonly uuid: string; readonly nodeId: number }
  /** Restart into the bootloader. Bridges obey too, and Klipper that has shut down. No reply. */
  | { readonly type: 'requestBootloader'; readonly uuid: string }
  | { readonly type: 'setKatapultNodeId'; readonly uuid: string; readonly nodeId: number }
  /** To all Katapult nodes: forget your number. */
  | { readonly type: 'clearKatapultNodeIds' }
  /** From a node: this is my UUID, give me a number. */
  | { readonly type: 'needNodeId'; readonly uuid: string; readonly application: NodeApplication };

/** The application, by the command with which the node gets its number. */
export type NodeApplication = 'klipper' | 'katapult' | 'unknown';

function frame(id: number, ...bytes: readonly number[]): CanFrame {
  return { id, extended: false, data: Uint8Array.from(bytes) };
}

/** The frame of a message. A UUID that is not 12 hex digits is a programming error. */
export function encodeAdminMessage(message: AdminMessage): CanFrame {
  switch (message.type) {
    case 'queryUnassigned':
      return frame(adminId.toNodes, code.queryUnassigned);
    case 'clearKatapultNodeIds':
      return frame(adminId.toNodes, code.clearKatapultNodeIds);
    case 'requestBootloader':
      return frame(adminId.toNodes, code.requestBootloader, ...uuidBytes(message.uuid));
    case 'setKlipperNodeId':
    case 'setKatapultNodeId':
      return frame(adminId.toNodes, code[message.type], ...uuidBytes(message.uuid), message.nodeId);
    case 'needNodeId':
      return frame(
        adminId.fromNodes,
        code.needNodeId,
        ...uuidBytes(message.uuid),
        ...(message.application === 'unknown' ? [] : [applicationCode[message.application]]),
      );
  }
}

const applicationCode = { klipper: code.setKlipperNodeId, katapult: code.setKatapultNodeId } as const;

/** Decodes a frame; null for any frame that is not an admin frame of Klipper or Katapult. Never throws. */
export function parseAdminFrame({ id, extended, data }: CanFrame): AdminMessage | null {
  if (extended) return null;
  const uuid = data.length >= 7 ? uuidText(data) : null;
  const last = data[7];
  if (id === adminId.fromNodes) {
    if (data[0] !== code.needNodeId || uuid === null) return null;
    const application =
      last === code.setKlipperNodeId ? 'klipper' : last === code.setKatapultNodeId ? 'katapult' : 'unknown';
    return { type: 'needNodeId', uuid, application };
  }
  if (id !== adminId.toNodes) return null;
  switch (data[0]) {
    case code.queryUnassigned:
      return { type: 'queryUnassigned' };
    case code.clearKatapultNodeIds:
      return { type: 'clearKatapultNodeIds' };
    case code.requestBootloader:
      return uuid === null ? null : { type: 'requestBootloader', uuid };
    case code.setKlipperNodeId:
      return uuid === null || last === undefined ? null : { type: 'setKlipperNodeId', uuid, nodeId: last };
    case code.setKatapultNodeId:
      return uuid === null || last === undefined ? null : { type: 'setKatapultNodeId', uuid, nodeId: last };
    default:
      return null;
  }
}

/** The two ids of a node's byte stream: to it, and from it. */
export function dataIds(nodeId: number): { readonly toNode: number; readonly fromNode: number } {
  const toNode = 2 * nodeId + 0x100;
  return { toNode, fromNode: toNode + 1 };
}

function uuidBytes(uuid: string): number[] {
  if (parseCanbusUuid(uuid) === null)
    throw new RangeError(`a canbus_uuid has 12 hexadecimal digits, not "${uuid}"`);
  return Array.from({ length: 6 }, (_, index) => Number.parseInt(uuid.slice(2 * index, 2 * index + 2), 16));
}

function uuidText(data: Uint8Array): string {
  return Array.from(data.subarray(1, 7), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
