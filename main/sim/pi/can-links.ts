/** A USB-to-CAN adapter in a port of the Pi: a running bridge board. */
export interface CanAdapter {
  /** The kernel's name of its port, `1-1`. */
  readonly busPort: string;
  /** Its USB serial number: the chip's UID. */
  readonly serial: string;
  readonly canbusUuid: string;
  /** What its firmware states about itself. */
  readonly softwareVersion: string | null;
  /** UUIDs of the other nodes that run Klipper on its bus now. */
  readonly nodes: readonly string[];
  /** What the firmware of such a node states about itself; null: nothing. Missing: the host's version. */
  readonly nodeVersion?: (canbusUuid: string) => string | null;
  /** The effect of Klipper's reset command on it. */
  reset(): void;
}

/** A CAN network interface as the kernel keeps it. */
export interface CanLinkState {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  readonly bitrateBps: number | null;
  readonly txQueueLength: number;
  readonly adapter: CanAdapter;
}

/** What Linux gives an unconfigured CAN interface. */
const kernelQueueLength = 10;

/**
 * The CAN interfaces of a kernel. Rules as in Linux (drivers/net/can/dev): a bit rate can be set only while the
 * interface is down, and without one it does not come up. Setters return whether the kernel accepted.
 */
export class CanLinks {
  readonly #links = new Map<string, CanLinkState>();
  readonly #listeners = new Set<() => void>();
  #lastIndex = 3;

  get all(): readonly CanLinkState[] {
    return [...this.#links.values()];
  }

  get(name: string): CanLinkState | null {
    return this.#links.get(name) ?? null;
  }

  /** The next name that the kernel would assign. */
  freeName(): string {
    let number = 0;
    while (this.#links.has(`can${number}`)) number += 1;
    return `can${number}`;
  }

  add(adapter: CanAdapter, name: string): void {
    this.#lastIndex += 1;
    this.#set({
      name,
      index: this.#lastIndex,
      up: false,
      bitrateBps: null,
      txQueueLength: kernelQueueLength,
      adapter,
    });
  }

  remove(busPort: string): void {
    for (const { name, adapter } of this.all) if (adapter.busPort === busPort) this.#links.delete(name);
    this.#tell();
  }

  setBitrate(name: string, bitrateBps: number): boolean {
    const link = this.get(name);
    if (link === null || link.up) return false;
    this.#set({ ...link, bitrateBps });
    return true;
  }

  setQueueLength(name: string, txQueueLength: number): boolean {
    const link = this.get(name);
    if (link === null) return false;
    this.#set({ ...link, txQueueLength });
    return true;
  }

  setUp(name: string, up: boolean): boolean {
    const link = this.get(name);
    if (link === null || (up && link.bitrateBps === null)) return false;
    this.#set({ ...link, up });
    return true;
  }

  /** Calls `listener` after every change. Returns a function that stops it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #set(link: CanLinkState): void {
    this.#links.set(link.name, link);
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
