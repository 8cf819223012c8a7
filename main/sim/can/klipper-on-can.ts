import type { CanFrame } from '../../../app/transport/can-link.ts';
import { CanSerial } from './can-serial.ts';

interface KlipperOnCanOptions {
  readonly uuid: string;
  /** Puts a frame into a mailbox of the controller; false if none is free. */
  readonly post: (frame: CanFrame) => boolean;
  readonly requestBootloader: () => void;
}

/** Klipper as a node on CAN: its admin frames. Its own protocol is not simulated: it accepts bytes and sends none. */
export class KlipperOnCan {
  readonly #serial: CanSerial;
  readonly #post: KlipperOnCanOptions['post'];
  readonly #waiting: CanFrame[] = [];

  constructor({ uuid, post, requestBootloader }: KlipperOnCanOptions) {
    this.#post = post;
    this.#serial = new CanSerial({
      ...{ uuid, requestBootloader },
      send: (frame) => {
        this.#waiting.push(frame);
        this.sent();
      },
      received: () => undefined,
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
      if (frame === undefined || !this.#post(frame)) return;
      this.#waiting.shift();
    }
  }
}
