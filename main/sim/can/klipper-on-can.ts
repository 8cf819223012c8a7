import { dataIds } from '../../../app/protocols/klipper-can/admin-frame.ts';
import type { McuName } from '../../../app/mcu/mcu.ts';
import type { CanFrame } from '../../../app/transport/can-link.ts';
import { KlipperConsole, type ControllerCounts } from '../klipper/klipper-console.ts';
import { CanSerial } from './can-serial.ts';

interface KlipperOnCanOptions {
  readonly uuid: string;
  readonly mcu: McuName;
  readonly softwareVersion: string;
  /** Puts a frame into a mailbox of the controller; false if none is free. */
  readonly post: (frame: CanFrame) => boolean;
  /** Null: its firmware does not count. */
  readonly counts: (() => ControllerCounts) | null;
  readonly reset: () => void;
  readonly requestBootloader: () => void;
}

/** Of v0.13.0 (src/generic/canserial.c); twice as many since May 2026. */
const transmitBytes = 96;

/** Klipper as a node on CAN: its admin frames and the stream of its own protocol. */
export class KlipperOnCan {
  readonly #serial: CanSerial;
  readonly #console: KlipperConsole;
  readonly #post: KlipperOnCanOptions['post'];
  readonly #waiting: CanFrame[] = [];
  #transmit = new Uint8Array(0);

  constructor({ uuid, post, requestBootloader, ...options }: KlipperOnCanOptions) {
    this.#post = post;
    this.#console = new KlipperConsole({ ...options, send: (bytes) => this.#send(bytes) });
    this.#serial = new CanSerial({
      ...{ uuid, requestBootloader },
      send: (frame) => {
        this.#waiting.push(frame);
        this.sent();
      },
      received: (bytes) => this.#console.receive(bytes),
    });
  }

  get nodeId(): number | null {
    return this.#serial.nodeId;
  }

  /** A host claims it, as Klipper's host does at its start. */
  claim(nodeId: number): void {
    this.#serial.claim(nodeId);
  }

  receive(frame: CanFrame): void {
    this.#serial.receive(frame);
  }

  /** A mailbox is free again. */
  sent(): void {
    for (;;) {
      const [frame] = this.#waiting;
      if (frame === undefined) break;
      if (!this.#post(frame)) return;
      this.#waiting.shift();
    }
    const { nodeId } = this.#serial;
    if (nodeId === null) {
      this.#transmit = new Uint8Array(0);
      return;
    }
    const { fromNode: id } = dataIds(nodeId);
    while (this.#transmit.length > 0) {
      const data = this.#transmit.slice(0, 8);
      if (!this.#post({ id, extended: false, data })) return;
      this.#transmit = this.#transmit.slice(data.length);
    }
  }

  /** Without room for all of a block none of it is sent. */
  #send(bytes: Uint8Array): void {
    if (this.#transmit.length + bytes.length > transmitBytes) return;
    this.#transmit = Uint8Array.from([...this.#transmit, ...bytes]);
    this.sent();
  }
}
