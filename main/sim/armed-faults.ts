import type { Fault, FaultKind, FaultMode, FaultOf, FaultPhase } from './fault.ts';

interface Armed {
  readonly fault: Fault;
  /** Requests, replies, operations or bytes counted since it was armed. */
  seen: number;
}

type Counted = FaultOf<'stall' | 'lost-answer' | 'corrupt-answer' | 'busy-answer'>;

/** The armed faults of one board. Its programs ask here wherever a fault could strike. */
export class ArmedFaults {
  #armed: Armed[] = [];
  readonly #struck: (fault: Fault) => void;

  /** `struck` is called with every fault that strikes. */
  constructor(struck: (fault: Fault) => void) {
    this.#struck = struck;
  }

  arm(fault: Fault): void {
    this.#armed.push({ fault, seen: 0 });
  }

  /** Forgets all faults of this kind, or all. */
  clear(kind?: FaultKind): void {
    this.#armed = kind === undefined ? [] : this.#armed.filter(({ fault }) => fault.kind !== kind);
  }

  list(): readonly Fault[] {
    return this.#armed.map(({ fault }) => fault);
  }

  /** Whether a property of the board is set. */
  has(kind: FaultKind): boolean {
    return this.#armed.some(({ fault }) => fault.kind === kind);
  }

  /** For faults of which one is enough: it strikes and is used up. */
  take<K extends FaultKind>(kind: K): FaultOf<K> | null {
    const found = this.#armed.find(({ fault }) => fault.kind === kind);
    return found === undefined ? null : (this.#strike(found) as FaultOf<K>);
  }

  /** Counts one request or reply of `what` (bRequest, command). Strikes if a fault is due. */
  count<K extends Counted['kind']>(kind: K, mode: FaultMode, what: number): FaultOf<K> | null {
    let due: Armed | null = null;
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.kind !== kind) continue;
      const counted = fault;
      if ('mode' in counted && counted.mode !== mode) continue;
      if (counted.only !== undefined && counted.only !== what) continue;
      armed.seen++;
      if (armed.seen === counted.nth) due ??= armed;
    }
    return due === null ? null : (this.#strike(due) as FaultOf<K>);
  }

  /** Counts one erase or write operation of the ROM. */
  busyForever(): FaultOf<'busy-forever'> | null {
    const found = this.#armed.find(({ fault }) => fault.kind === 'busy-forever');
    if (found === undefined) return null;
    const fault = found.fault as FaultOf<'busy-forever'>;
    found.seen++;
    if (found.seen < fault.operation) return null;
    return this.#strike(found) as FaultOf<'busy-forever'>;
  }

  /** A board that is stuck before its first request. */
  busyFromStart(): FaultOf<'busy-forever'> | null {
    const found = this.#armed.find(({ fault }) => fault.kind === 'busy-forever' && fault.operation === 0);
    return found === undefined ? null : (this.#strike(found) as FaultOf<'busy-forever'>);
  }

  /**
   * Counts `amount` more of a phase. If the cable is due to be pulled within it, returns how much is still done, 0 to
   * amount - 1; otherwise null.
   */
  unplugWithin(mode: FaultMode, phase: FaultPhase, amount: number): number | null {
    let done: number | null = null;
    let due: Armed | null = null;
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (fault.kind !== 'unplug' || fault.mode !== mode || fault.phase !== phase) continue;
      const left = fault.after - armed.seen;
      armed.seen += amount;
      if (left >= amount || (done !== null && left >= done)) continue;
      done = Math.max(0, left);
      due = armed;
    }
    if (due !== null) this.#strike(due);
    return done;
  }

  #strike(armed: Armed): Fault {
    this.#armed.splice(this.#armed.indexOf(armed), 1);
    this.#struck(armed.fault);
    return armed.fault;
  }
}
