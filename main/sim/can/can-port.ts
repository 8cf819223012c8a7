import type { CanFrame } from '../../../app/transport/can-link.ts';

export interface CanPortOptions {
  readonly bitrateBps: number;
  /**
   * What the controller does after bus-off: bxCAN is set up to come back by itself, FDCAN stays off until a reset
   * (Katapult and Klipper, src/stm32/can.c and fdcan.c).
   */
  readonly recoversFromBusOff: boolean;
  readonly receive: (frame: CanFrame) => void;
  /** A mailbox is free again. */
  readonly sent?: () => void;
}

/** What a controller has counted since the node's start. */
export interface PortCounts {
  readonly rxErrors: number;
  readonly txErrors: number;
  /** An index into active, warn, passive, off. */
  readonly state: number;
}

const mailboxes = 3;
/** Bosch CAN Specification 2.0, 7: limits of the transmit error count, and the wait after bus-off in bits. */
const limits = { warn: 96, passive: 128, busOff: 256, recoveryBits: 128 * 11 } as const;

/** The CAN controller of one node, wired to a bus. */
export class CanPort {
  readonly #options: CanPortOptions;
  readonly #wake: () => void;
  readonly #remove: () => void;
  #queue: CanFrame[] = [];
  #errors = 0;
  #rxErrors = 0;
  #txErrors = 0;
  #isBusOff = false;
  #isWired = true;

  constructor(options: CanPortOptions, wake: () => void, remove: () => void) {
    this.#options = options;
    this.#wake = wake;
    this.#remove = remove;
  }

  get bitrateBps(): number {
    return this.#options.bitrateBps;
  }

  /** Whether it takes part in the traffic: wired, and not bus-off. */
  get isOnBus(): boolean {
    return this.#isWired && !this.#isBusOff;
  }

  get isBusOff(): boolean {
    return this.#isBusOff;
  }

  get isErrorPassive(): boolean {
    return this.#errors >= limits.passive;
  }

  get counts(): PortCounts {
    const state = this.#isBusOff ? 3 : this.isErrorPassive ? 2 : this.#errors >= limits.warn ? 1 : 0;
    return { rxErrors: this.#rxErrors, txErrors: this.#txErrors, state };
  }

  /** The frame that it tries to send. */
  get next(): CanFrame | null {
    return this.#queue[0] ?? null;
  }

  /** Puts a frame into a mailbox; false if none is free. */
  post(frame: CanFrame): boolean {
    if (this.#queue.length >= mailboxes) return false;
    this.#queue.push(frame);
    this.#wake();
    return true;
  }

  /** Connects both wires, or leaves one open. */
  setWired(isWired: boolean): void {
    this.#isWired = isWired;
    this.#wake();
  }

  /** Takes the node off the bus for good, with what is in its mailboxes. */
  remove(): void {
    this.#queue = [];
    this.#remove();
  }

  /** From the bus. */
  receive(frame: CanFrame): void {
    this.#options.receive(frame);
  }

  /** From the bus: the frame was acknowledged. */
  takeSent(): void {
    this.#queue.shift();
    this.#errors = Math.max(0, this.#errors - 1);
  }

  /** From the bus, after the frame was delivered. */
  reportSent(): void {
    this.#options.sent?.();
  }

  /**
   * From the bus: the frame was damaged, or collided. Returns the milliseconds after which a controller that just went
   * bus-off comes back by itself; null otherwise.
   */
  countError(): number | null {
    this.#errors += 8;
    this.#txErrors += 1;
    if (this.#errors < limits.busOff) return null;
    this.#isBusOff = true;
    return this.#options.recoversFromBusOff ? (limits.recoveryBits * 1000) / this.bitrateBps : null;
  }

  /** From the bus: a frame of another node was damaged. */
  countDamaged(): void {
    this.#rxErrors += 1;
  }

  recover(): void {
    this.#isBusOff = false;
    this.#errors = 0;
    this.#wake();
  }
}
