import type { CanFrame } from '../../../app/transport/can-link.ts';

/** Something wired to a CAN bus. */
export interface CanParticipant {
  /** A node with a different rate cannot read the frame. */
  readonly bitrateBps: number;
  receive(frame: CanFrame): void;
}

/** One pair of wires: every node except the sender gets a frame, in the order they were sent. */
export class CanBus {
  readonly #participants = new Set<CanParticipant>();
  readonly #queue: { frame: CanFrame; from: CanParticipant }[] = [];
  #delivering = false;

  /** Returns a function that removes the node. */
  attach(participant: CanParticipant): () => void {
    this.#participants.add(participant);
    return () => this.#participants.delete(participant);
  }

  send(frame: CanFrame, from: CanParticipant): void {
    this.#queue.push({ frame, from });
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        for (const other of [...this.#participants]) {
          if (other !== next.from && other.bitrateBps === next.from.bitrateBps) other.receive(next.frame);
        }
      }
    } finally {
      this.#delivering = false;
    }
  }
}
