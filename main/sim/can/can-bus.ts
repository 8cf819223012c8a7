import type { CanFrame } from '../../../app/transport/can-link.ts';
import type { Clock } from '../../../app/transport/clock.ts';
import { CanPort, type CanPortOptions } from './can-port.ts';
import { errorFrameBits, frameBits } from './frame-bits.ts';

interface CanBusOptions {
  readonly clock: Clock;
  /** Multiplies the time that every frame takes; 0 takes none. */
  readonly timeScale: number;
}

/** What is wrong with the wires; a person can change it at any time. */
interface Wiring {
  /** False: without termination no frame is read, and none is acknowledged. */
  terminated: boolean;
  /** The chance of each bit to arrive wrong. A damaged frame is sent again by itself. */
  bitErrorRate: number;
}

/**
 * One pair of wires. The pending frame with the lowest id goes first; a frame is on the wire only if another node of
 * the same rate acknowledges it, otherwise it stays in its mailbox. Nodes at another rate neither hear nor acknowledge;
 * that such a node would also disturb the others with error frames is not modelled.
 *
 * Two nodes that begin the same id at once with different data both notice an error (Bosch CAN Specification 2.0, 6).
 * They repeat until both are error-passive; then the first that sent a 1 where the other sent a 0 no longer disturbs.
 */
export class CanBus {
  readonly wiring: Wiring = { terminated: true, bitErrorRate: 0 };
  readonly #clock: Clock;
  readonly #scale: number;
  readonly #ports = new Set<CanPort>();
  #isBusy = false;
  /** When the wires are free. Behind the clock if a timer was late: the next frames make up for it. */
  #freeAtMs = 0;
  #randomState = 0x2545f491;

  constructor({ clock, timeScale }: CanBusOptions) {
    this.#clock = clock;
    this.#scale = timeScale;
  }

  /** Wires a node to the bus, until the port is removed. */
  attach(options: CanPortOptions): CanPort {
    const port: CanPort = new CanPort(
      options,
      () => this.wake(),
      () => void this.#ports.delete(port),
    );
    this.#ports.add(port);
    this.wake();
    return port;
  }

  /** Call it after a change of the wiring: frames that waited in mailboxes go out. */
  wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#clock.nowMs());
    for (;;) {
      // What the nodes do at once is pending together.
      await Promise.resolve();
      const contenders = this.#contenders();
      const [first] = contenders;
      if (first === undefined) {
        this.#isBusy = false;
        return;
      }
      const { frame } = first;
      const isCollision = contenders.some((other) => !sameBytes(other.frame.data, frame.data));
      const isDamaged = !isCollision && this.#isHit(frameBits(frame));
      const bits = frameBits(frame) + (isCollision || isDamaged ? errorFrameBits : 0);
      await this.#pass((bits * 1000) / first.port.bitrateBps);
      if (isCollision) this.#collide(contenders);
      else if (isDamaged) this.#damage(contenders);
      else this.#deliver(contenders);
    }
  }

  /** The frames that begin now: those with the lowest id that another node would acknowledge. */
  #contenders(): readonly Pending[] {
    if (!this.wiring.terminated) return [];
    const pending = [...this.#ports].flatMap((port): Pending[] => {
      const frame = port.isOnBus ? port.next : null;
      return frame === null || !this.#isHeard(port) ? [] : [{ port, frame }];
    });
    const [first] = pending;
    if (first === undefined) return [];
    const { bitrateBps } = first.port;
    const lowest = Math.min(...pending.map(({ frame }) => frame.id));
    return pending.filter(({ port, frame }) => frame.id === lowest && port.bitrateBps === bitrateBps);
  }

  #isHeard(sender: CanPort): boolean {
    return [...this.#ports].some(
      (other) => other !== sender && other.isOnBus && other.bitrateBps === sender.bitrateBps,
    );
  }

  #deliver(senders: readonly Pending[]): void {
    const [first] = senders;
    if (first === undefined) return;
    const froms = senders.map(({ port }) => port);
    for (const port of froms) port.takeSent();
    for (const other of [...this.#ports]) {
      const isReader = other.isOnBus && other.bitrateBps === first.port.bitrateBps;
      if (isReader && !froms.includes(other)) other.receive(first.frame);
    }
    for (const port of froms) port.reportSent();
  }

  #collide(contenders: readonly Pending[]): void {
    const arePassive = contenders.every(({ port }) => port.isErrorPassive);
    const [winner, ...losers] = contenders.toSorted((a, b) => compareBytes(a.frame.data, b.frame.data));
    if (winner === undefined) return;
    for (const { port } of arePassive ? losers : contenders) this.#fail(port);
    if (arePassive) this.#deliver([winner]);
  }

  #damage(contenders: readonly Pending[]): void {
    const senders = contenders.map(({ port }) => port);
    for (const port of this.#ports) if (port.isOnBus && !senders.includes(port)) port.countDamaged();
    senders.forEach((port) => this.#fail(port));
  }

  #fail(port: CanPort): void {
    const recoversInMs = port.countError();
    if (recoversInMs === null) return;
    this.#clock.sleep(recoversInMs * this.#scale).then(
      () => port.recover(),
      () => undefined,
    );
  }

  async #pass(ms: number): Promise<void> {
    this.#freeAtMs += ms * this.#scale;
    const waitMs = this.#freeAtMs - this.#clock.nowMs();
    if (waitMs > 0) await this.#clock.sleep(waitMs);
  }

  #isHit(bits: number): boolean {
    const { bitErrorRate } = this.wiring;
    return bitErrorRate > 0 && this.#random() < 1 - (1 - bitErrorRate) ** bits;
  }

  /** xorshift32: the same errors in every run. */
  #random(): number {
    let state = this.#randomState;
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    this.#randomState = state;
    return state / 2 ** 32;
  }
}

interface Pending {
  readonly port: CanPort;
  readonly frame: CanFrame;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => compareBytes(a, b) === 0;

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
