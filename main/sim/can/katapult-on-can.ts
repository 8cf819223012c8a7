import {
  adminId,
  dataIds,
  encodeAdminMessage,
  parseAdminFrame,
} from '../../../app/protocols/klipper-can/admin-frame.ts';
import type { CanFrame } from '../../../app/transport/can-link.ts';
import { KatapultCore, type KatapultOptions } from '../katapult/katapult-core.ts';

interface KatapultOnCanOptions extends Omit<KatapultOptions, 'respond'> {
  /** 12 hex digits. */
  readonly uuid: string;
  /** Puts a frame into a mailbox of the controller; false if none is free. */
  readonly post: (frame: CanFrame) => boolean;
  /** Interrupts are served while flash is erased and programmed, because the code runs from RAM. */
  readonly receivesWhileWriting: boolean;
}

/** Sizes of the firmware (Katapult, src/generic/canserial.c), and of the controller's receive buffer (bxCAN, FDCAN). */
const receiveBytes = 192;
const transmitBytes = 96;
const adminFrames = 8;
const hardwareFrames = 3;

/**
 * Katapult on CAN with its real buffers: bytes without room in the receive buffer are dropped, as is a reply without
 * room in the transmit buffer, and frames that come while the processor stands still in an erase, after the first
 * three. A request stays in the receive buffer until it was carried out.
 */
export class KatapultOnCan {
  readonly #options: KatapultOnCanOptions;
  readonly #core: KatapultCore;
  readonly #hardware: CanFrame[] = [];
  readonly #admin: CanFrame[] = [];
  /** Frames that wait for a mailbox, in front of the stream: replies to queries are sent in a loop until one is free. */
  readonly #replies: CanFrame[] = [];
  #received = new Uint8Array(0);
  #transmit = new Uint8Array(0);
  #nodeId: number | null = null;
  #isWorking = false;

  constructor(options: KatapultOnCanOptions) {
    this.#options = options;
    this.#core = new KatapultCore({ ...options, respond: (frame) => this.#respond(frame) });
  }

  get nodeId(): number | null {
    return this.#nodeId;
  }

  /** A frame from the bus, by the filters of the controller. */
  receive(frame: CanFrame): void {
    if (frame.extended) return;
    const own = this.#nodeId === null ? null : dataIds(this.#nodeId);
    if (frame.id !== adminId.toNodes && frame.id !== own?.toNode && frame.id !== own?.fromNode) return;
    if (this.#isWorking && !this.#options.receivesWhileWriting) {
      if (this.#hardware.length < hardwareFrames) this.#hardware.push(frame);
      return;
    }
    this.#interrupt(frame);
    this.#run();
  }

  /** A mailbox is free again. */
  sent(): void {
    for (;;) {
      const [reply] = this.#replies;
      if (reply === undefined) break;
      if (!this.#options.post(reply)) return;
      this.#replies.shift();
    }
    if (this.#nodeId === null) {
      this.#transmit = new Uint8Array(0);
      return;
    }
    const { fromNode } = dataIds(this.#nodeId);
    while (this.#transmit.length > 0) {
      const data = this.#transmit.slice(0, 8);
      if (!this.#options.post({ id: fromNode, extended: false, data })) return;
      this.#transmit = this.#transmit.slice(data.length);
    }
  }

  #interrupt(frame: CanFrame): void {
    const own = this.#nodeId === null ? null : dataIds(this.#nodeId).toNode;
    if (frame.id !== own) {
      if (this.#admin.length < adminFrames) this.#admin.push(frame);
      return;
    }
    // Without room for the whole frame none of it is kept.
    if (this.#received.length + frame.data.length > receiveBytes) return;
    this.#received = Uint8Array.from([...this.#received, ...frame.data]);
  }

  /** The main loop, until there is nothing to do or the flash is written. */
  #run(): void {
    for (let idle = 0; ;) {
      if (this.#isWorking || this.#options.power.aborted) return;
      for (let frame = this.#admin.shift(); frame !== undefined; frame = this.#admin.shift()) {
        this.#command(frame);
      }
      if (this.#received.length === 0) return;
      const taken = this.#core.take(this.#received);
      if (taken instanceof Promise) {
        this.#isWorking = true;
        void taken.then((count) => {
          this.#isWorking = false;
          this.#pop(count ?? 0);
          for (const frame of this.#hardware.splice(0)) this.#interrupt(frame);
          this.#run();
        });
        return;
      }
      // Null: more bytes are needed.
      if (taken === null) return;
      // After 0 it looks again. A damaged frame at the head of its buffer stays there, however often it looks.
      idle = taken === 0 ? idle + 1 : 0;
      if (idle > 1) return;
      this.#pop(taken);
    }
  }

  #pop(count: number): void {
    this.#received = this.#received.slice(count);
  }

  #command(frame: CanFrame): void {
    const { uuid } = this.#options;
    if (this.#nodeId !== null && frame.id === dataIds(this.#nodeId).fromNode) {
      this.#nodeId = null;
      return;
    }
    const message = parseAdminFrame(frame);
    if (message?.type === 'queryUnassigned' && this.#nodeId === null) {
      this.#replies.push(encodeAdminMessage({ type: 'needNodeId', uuid, application: 'katapult' }));
      this.sent();
    } else if (message?.type === 'clearKatapultNodeIds') {
      this.#nodeId = null;
    } else if (message?.type === 'setKatapultNodeId') {
      if (message.uuid === uuid) this.#nodeId = message.nodeId;
      else if (message.nodeId === this.#nodeId) this.#nodeId = null;
    }
  }

  #respond(frame: Uint8Array): void {
    if (this.#transmit.length + frame.length > transmitBytes) return;
    this.#transmit = Uint8Array.from([...this.#transmit, ...frame]);
    this.sent();
  }
}
