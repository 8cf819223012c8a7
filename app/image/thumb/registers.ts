import type { Operand, Operation, Shift } from './instruction.ts';

/** The 16 registers, as far as their values are constants; null: unknown. */
export class Registers {
  readonly #values = new Array<number | null>(16).fill(null);

  /** Unsigned. */
  read(operand: Operand): number | null {
    if ('value' in operand) return operand.value;
    const value = this.#values[operand.register] ?? null;
    return value === null || operand.amount === 0 ? value : shift(operand.shift, value, operand.amount);
  }

  set(register: number, value: number | null): void {
    this.#values[register] = value;
  }

  /** One bit for each register. */
  forget(registers: number): void {
    for (let register = 0; register < 16; register++) {
      if ((registers >>> register) & 1) this.#values[register] = null;
    }
  }
}

/** The result of an operation on 32-bit words, unsigned; null if an operand is unknown. */
export function calculate(operation: Operation, left: number | null, right: number | null): number | null {
  if (left === null || right === null) return null;
  switch (operation) {
    case 'add':
      return (left + right) >>> 0;
    case 'sub':
      return (left - right) >>> 0;
    case 'and':
      return (left & right) >>> 0;
    case 'orr':
      return (left | right) >>> 0;
    case 'eor':
      return (left ^ right) >>> 0;
    case 'bic':
      return (left & ~right) >>> 0;
    case 'orn':
      return (left | ~right) >>> 0;
    case 'insert-top':
      return ((left & 0xffff) | (right << 16)) >>> 0;
    default:
      // A shift by a register uses its lowest byte.
      return shift(operation, left, right & 0xff);
  }
}

/** By 0 to 255 bits (section A2.2.1). */
function shift(kind: Shift, value: number, amount: number): number {
  switch (kind) {
    case 'lsl':
      return amount > 31 ? 0 : (value << amount) >>> 0;
    case 'lsr':
      return amount > 31 ? 0 : value >>> amount;
    case 'asr':
      return ((value | 0) >> Math.min(amount, 31)) >>> 0;
    case 'ror': {
      const bits = amount & 31;
      return ((value >>> bits) | (value << (32 - bits))) >>> 0;
    }
  }
}
