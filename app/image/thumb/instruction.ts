/**
 * The effect of an ARMv7-M instruction, as far as it matters for following a constant to the register it is stored in.
 * Sections and encodings here and in the other files: ARMv7-M Architecture Reference Manual, ARM DDI 0403E.
 */
export type Instruction =
  /** Changes no register and stores nothing: compares, hints, barriers. */
  | { readonly does: 'nothing' }
  | {
      readonly does: 'compute';
      readonly to: number;
      readonly operation: Operation;
      readonly left: Operand;
      readonly right: Operand;
    }
  /** Loads the word at an offset into the image. */
  | { readonly does: 'load-literal'; readonly to: number; readonly at: number }
  /** Leaves values in `registers` (one bit each) that are not followed: loads, products, extended halves. */
  | { readonly does: 'change'; readonly registers: number }
  | Store
  /** Continues elsewhere: `targets` are offsets into the image, none if unknown. */
  | { readonly does: 'jump'; readonly targets: readonly number[]; readonly isConditional: boolean }
  | { readonly does: 'call'; readonly targets: readonly number[] }
  /** IT: the next `count` instructions are conditional (section A7.3). */
  | { readonly does: 'make-conditional'; readonly count: number }
  /** Not decoded: it may change the registers in any way. */
  | { readonly does: 'unknown' };

/** Words or parts of one, from `base` + `offset` upwards. */
export interface Store {
  readonly does: 'store';
  readonly base: number;
  readonly offset: Operand;
  /** By ascending address. */
  readonly registers: readonly number[];
  /** Of each register: 4, 2 or 1. */
  readonly bytes: number;
  /** How much is added to the base afterwards. */
  readonly baseChange: number;
}

/** A constant, or a register that is shifted first. */
export type Operand =
  { readonly value: number } | { readonly register: number; readonly shift: Shift; readonly amount: number };

export type Shift = 'lsl' | 'lsr' | 'asr' | 'ror';

/** `orn` and `bic` invert the right operand; `insert-top` is MOVT. */
export type Operation = 'add' | 'sub' | 'and' | 'orr' | 'eor' | 'bic' | 'orn' | 'insert-top' | Shift;

export const stackPointer = 13;
export const programCounter = 15;
export const allRegisters = 0xffff;
/**
 * What a called function need not preserve, and the link register (Procedure Call Standard, AAPCS32, section 6.1.1).
 */
export const lostInCall = 0b0101_0000_0000_1111;

export const nothing: Instruction = { does: 'nothing' };
export const unknown: Instruction = { does: 'unknown' };
/** To an unknown place. */
export const jumpAway: Instruction = { does: 'jump', targets: [], isConditional: false };

export function constant(value: number): Operand {
  return { value: value >>> 0 };
}

export function register(number: number, shift: Shift = 'lsl', amount = 0): Operand {
  return { register: number, shift, amount };
}

/** A result in the program counter is a jump. */
export function compute(to: number, operation: Operation, left: Operand, right: Operand): Instruction {
  return to === programCounter ? jumpAway : { does: 'compute', to, operation, left, right };
}

export function move(to: number, from: Operand): Instruction {
  return compute(to, 'orr', constant(0), from);
}

export function change(first: number, second = first, third = first): Instruction {
  return changeList((1 << first) | (1 << second) | (1 << third));
}

/** One bit for each register. */
export function changeList(registers: number): Instruction {
  return (registers >>> programCounter) & 1 ? jumpAway : { does: 'change', registers };
}

export function store(
  base: number,
  offset: Operand,
  registers: readonly number[],
  bytes: number,
  baseChange = 0,
): Instruction {
  return { does: 'store', base, offset, registers, bytes, baseChange };
}

/** The registers of a list of bits, ascending. */
export function registersOf(list: number): number[] {
  const registers: number[] = [];
  for (let bits = list & allRegisters; bits !== 0; bits &= bits - 1)
    registers.push(31 - Math.clz32(bits & -bits));
  return registers;
}

/** `value` sign-extended from its lowest `bits`. */
export function signed(value: number, bits: number): number {
  return (value << (32 - bits)) >> (32 - bits);
}
