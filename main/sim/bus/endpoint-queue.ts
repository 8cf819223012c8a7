import { joinBytes } from '../join-bytes.ts';
import { onAbort } from '../on-abort.ts';
import { UsbGone, UsbOverflow, UsbStall } from './usb-function.ts';

interface PendingIn {
  readonly length: number;
  received: Uint8Array[];
  size: number;
  resolve(bytes: Uint8Array): void;
  reject(error: unknown): void;
  release(): void;
}

/**
 * The host's side of one IN endpoint. A transfer completes with a short packet or when its buffer is full (USB 2.0,
 * 5.8.3): a reply that ends on a full packet stays with the host controller until more comes.
 */
export class InEndpoint {
  readonly #packetSize: number;
  readonly #pending: PendingIn[] = [];
  /** Packets of a transfer that was cancelled half full: the next transfer starts with them. */
  #kept: Uint8Array[] = [];

  constructor(packetSize: number) {
    this.#packetSize = packetSize;
  }

  /** True while the host is asking for a packet. */
  get wanted(): boolean {
    return this.#pending.length > 0;
  }

  transfer(length: number, signal?: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const release = onAbort(signal, (reason) => {
        this.#remove(pending);
        this.#kept.unshift(...pending.received);
        reject(reason);
      });
      const pending: PendingIn = { length, received: [], size: 0, resolve, reject, release };
      this.#pending.push(pending);
      const kept = this.#kept;
      this.#kept = [];
      while (kept.length > 0 && this.wanted) this.offer(kept.shift() ?? new Uint8Array(0));
      this.#kept.push(...kept);
    });
  }

  /** Hands one packet to the host; false if the host is not asking for one. */
  offer(packet: Uint8Array): boolean {
    const [first] = this.#pending;
    if (first === undefined) return false;
    if (first.size + packet.length > first.length) {
      this.#remove(first);
      first.reject(new UsbOverflow(`packet of ${packet.length} bytes into ${first.length - first.size}`));
      return true;
    }
    first.received.push(packet.slice());
    first.size += packet.length;
    if (packet.length < this.#packetSize || first.size === first.length) {
      this.#remove(first);
      first.resolve(joinBytes(first.received));
    }
    return true;
  }

  reset(): void {
    this.#end(new UsbGone('bus reset'));
  }

  /** The device refuses what the host has asked for. */
  halt(): void {
    this.#end(new UsbStall('the endpoint is halted'));
  }

  #end(reason: Error): void {
    this.#kept = [];
    for (const pending of this.#pending.splice(0)) {
      pending.release();
      pending.reject(reason);
    }
  }

  #remove(pending: PendingIn): void {
    const at = this.#pending.indexOf(pending);
    if (at >= 0) this.#pending.splice(at, 1);
    pending.release();
  }
}

interface PendingOut {
  readonly data: Uint8Array;
  offset: number;
  resolve(): void;
  reject(error: unknown): void;
  release(): void;
}

/**
 * The host's side of one OUT endpoint, with the one packet that the USB peripheral accepts while the processor is busy.
 * Further packets are NAKed until that one is fetched.
 */
export class OutEndpoint {
  readonly #packetSize: number;
  readonly #pending: PendingOut[] = [];
  readonly #arrived: () => void;
  #held: Uint8Array | null = null;

  /** Calls `arrived` when a packet is ready. */
  constructor(packetSize: number, arrived: () => void) {
    this.#packetSize = packetSize;
    this.#arrived = arrived;
  }

  /** Resolves when the device has taken all of `data`. On abort, packets not yet taken are never sent. */
  transfer(data: Uint8Array, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const release = onAbort(signal, (reason) => {
        this.#pending.splice(this.#pending.indexOf(pending), 1);
        reject(reason);
      });
      const pending: PendingOut = { data: data.slice(), offset: 0, resolve, reject, release };
      this.#pending.push(pending);
      this.#fill();
    });
  }

  /** True while a packet is ready. */
  get ready(): boolean {
    return this.#held !== null;
  }

  /** The next packet for the processor; null if there is none. */
  fetch(): Uint8Array | null {
    const packet = this.#held;
    this.#held = null;
    if (packet !== null && this.#pending.length > 0) this.#fill();
    return packet;
  }

  reset(): void {
    this.#end(new UsbGone('bus reset'));
  }

  /** The device refuses what the host is sending, and drops what it has received. */
  halt(): void {
    this.#end(new UsbStall('the endpoint is halted'));
  }

  #end(reason: Error): void {
    this.#held = null;
    for (const pending of this.#pending.splice(0)) {
      pending.release();
      pending.reject(reason);
    }
  }

  #fill(): void {
    const [first] = this.#pending;
    if (this.#held !== null || first === undefined) return;
    this.#held = first.data.subarray(first.offset, first.offset + this.#packetSize);
    first.offset += this.#held.length;
    if (first.offset >= first.data.length) {
      this.#pending.shift();
      first.release();
      first.resolve();
    }
    this.#arrived();
  }
}
