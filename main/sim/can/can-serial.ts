import {
  adminId,
  dataIds,
  encodeAdminMessage,
  parseAdminFrame,
} from '../../../app/protocols/klipper-can/admin-frame.ts';
import type { CanFrame } from '../../../app/transport/can-link.ts';

interface CanSerialOptions {
  /** 12 hex digits. */
  readonly uuid: string;
  readonly send: (frame: CanFrame) => void;
  /** Bytes of the stream to this node. */
  readonly received: (bytes: Uint8Array) => void;
  /** Restart into the bootloader. */
  readonly requestBootloader: () => void;
}

/**
 * Klipper's own node on CAN: replies to queries while unclaimed, takes a node id, gives it up if another node gets the
 * same one, and receives a byte stream (facts: Klipper src/generic/canserial.c). Katapult's is `KatapultOnCan`.
 */
export class CanSerial {
  readonly #options: CanSerialOptions;
  #nodeId: number | null = null;

  constructor(options: CanSerialOptions) {
    this.#options = options;
  }

  /** Null while this node is unclaimed. */
  get nodeId(): number | null {
    return this.#nodeId;
  }

  claim(nodeId: number): void {
    this.#nodeId = nodeId;
  }

  receive(frame: CanFrame): void {
    if (frame.id === adminId.toNodes) this.#admin(frame);
    else if (this.#nodeId !== null && frame.id === dataIds(this.#nodeId).toNode) {
      this.#options.received(frame.data);
    } else if (this.#nodeId !== null && frame.id === dataIds(this.#nodeId).fromNode) {
      this.#nodeId = null;
    }
  }

  #admin(frame: CanFrame): void {
    const { uuid, send, requestBootloader } = this.#options;
    const message = parseAdminFrame(frame);
    if (message?.type === 'queryUnassigned' && this.#nodeId === null)
      send(encodeAdminMessage({ type: 'needNodeId', uuid, application: 'klipper' }));
    else if (message?.type === 'setKlipperNodeId') this.#assign(message.uuid, message.nodeId);
    else if (message?.type === 'requestBootloader' && message.uuid === uuid) requestBootloader();
  }

  #assign(uuid: string, nodeId: number): void {
    if (uuid === this.#options.uuid) this.#nodeId = nodeId;
    else if (nodeId === this.#nodeId) this.#nodeId = null;
  }
}
