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
  readonly application: 'klipper' | 'katapult';
  readonly send: (frame: CanFrame) => void;
  /** Bytes of the stream to this node. */
  readonly received: (bytes: Uint8Array) => void;
  /** Klipper only: restart into the bootloader. */
  readonly requestBootloader?: () => void;
}

/**
 * A Klipper or Katapult program on CAN: replies to queries while unclaimed, takes a node id, gives it up if another
 * node gets the same one, and carries a byte stream (facts: Klipper and Katapult src/generic/canserial.c).
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

  receive(frame: CanFrame): void {
    if (frame.id === adminId.toNodes) this.#admin(frame);
    else if (this.#nodeId !== null && frame.id === dataIds(this.#nodeId).toNode) {
      this.#options.received(frame.data);
    } else if (this.#nodeId !== null && frame.id === dataIds(this.#nodeId).fromNode) {
      this.#nodeId = null;
    }
  }

  /** Sends bytes of the stream, eight per frame; an unclaimed node sends to no one. */
  sendBytes(bytes: Uint8Array): void {
    if (this.#nodeId === null) return;
    const { fromNode } = dataIds(this.#nodeId);
    for (let at = 0; at < bytes.length; at += 8) {
      this.#options.send({ id: fromNode, extended: false, data: bytes.slice(at, at + 8) });
    }
  }

  #admin(frame: CanFrame): void {
    const { uuid, application, send, requestBootloader } = this.#options;
    const message = parseAdminFrame(frame);
    switch (message?.type) {
      case 'queryUnassigned':
        if (this.#nodeId === null) send(encodeAdminMessage({ type: 'needNodeId', uuid, application }));
        break;
      case 'setKlipperNodeId':
        if (application === 'klipper') this.#assign(message.uuid, message.nodeId);
        break;
      case 'setKatapultNodeId':
        if (application === 'katapult') this.#assign(message.uuid, message.nodeId);
        break;
      case 'clearKatapultNodeIds':
        if (application === 'katapult') this.#nodeId = null;
        break;
      case 'requestBootloader':
        if (message.uuid === uuid) requestBootloader?.();
        break;
      case 'needNodeId':
      case undefined:
        break;
    }
  }

  #assign(uuid: string, nodeId: number): void {
    if (uuid === this.#options.uuid) this.#nodeId = nodeId;
    else if (nodeId === this.#nodeId) this.#nodeId = null;
  }
}
