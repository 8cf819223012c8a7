import {
  change,
  changeList,
  compute,
  constant,
  jumpAway,
  move,
  nothing,
  programCounter,
  register,
  registersOf,
  signed,
  stackPointer,
  store,
  unknown,
  type Instruction,
  type Operand,
  type Operation,
  type Shift,
} from './instruction.ts';

/** A 32-bit instruction (section A5.3) at offset `at` into the image. Table branches are decoded elsewhere. */
export function decodeWide(first: number, second: number, at: number): Instruction {
  const kind = (first >>> 11) & 3;
  if (kind === 1) {
    if (first & 0x400) return unknown;
    if (first & 0x200) return decodeDataProcessing(first, second, shiftedRegister(second));
    return first & 0x40 ? decodeDouble(first, second) : decodeMultiple(first, second);
  }
  if (kind === 2) {
    if (second & 0x8000) return decodeBranch(first, second, at);
    if (first & 0x200) return decodePlainConstant(first, second);
    return decodeDataProcessing(first, second, constant(expandConstant(first, second)));
  }
  return decodeLoadStoreOrRegister(first, second, at);
}

/** True for the instructions of 32 bits (section A5.1). */
export function isWide(first: number): boolean {
  return first >>> 11 >= 0b11101;
}

/** ThumbExpandImm (section A5.3.2). */
function expandConstant(first: number, second: number): number {
  const byte = second & 0xff;
  const pattern = ((first >>> 6) & 0x10) | ((second >>> 11) & 0xe) | ((second >>> 7) & 1);
  if (pattern >>> 1 === 0) return byte;
  if (pattern >>> 1 === 1) return byte * 0x00010001;
  if (pattern >>> 1 === 2) return byte * 0x01000100;
  if (pattern >>> 1 === 3) return byte * 0x01010101;
  const value = byte | 0x80;
  return ((value >>> pattern) | (value << (32 - pattern))) >>> 0;
}

/** By the two bits that name them. */
const shifts: readonly Shift[] = ['lsl', 'lsr', 'asr', 'ror'];

/** DecodeImmShift (section A7.4.2). RRX, which is ROR by 0, needs the carry, which is not followed. */
function shiftedRegister(second: number): Operand | null {
  const amount = ((second >>> 10) & 0x1c) | ((second >>> 6) & 3);
  const shift = shifts[(second >>> 4) & 3] ?? 'ror';
  if (shift === 'ror' && amount === 0) return null;
  return register(second & 15, shift, shift === 'lsl' ? amount : amount || 32);
}

/** By bits 8..5; missing ones are not followed. */
const simpleOperations: Readonly<Record<number, Operation>> = {
  0: 'and',
  1: 'bic',
  2: 'orr',
  3: 'orn',
  4: 'eor',
  8: 'add',
  13: 'sub',
};
/** AND, EOR, ADD and SUB. */
const comparing = [0, 4, 8, 13];

/** Sections A5.3.1 and A5.3.11: the same operations on a constant and on a shifted register. */
function decodeDataProcessing(first: number, second: number, right: Operand | null): Instruction {
  const from = first & 15;
  const to = (second >>> 8) & 15;
  const left = register(from);
  const operation = (first >>> 5) & 15;
  // Without a destination AND, EOR, ADD and SUB are TST, TEQ, CMN and CMP.
  if (to === 15 && comparing.includes(operation)) return nothing;
  if (right === null) return change(to);
  if (operation === 14) return compute(to, 'sub', right, left);
  // Without a first operand ORR and ORN are MOV and MVN.
  if (from === 15 && (operation === 2 || operation === 3)) {
    return compute(to, operation === 2 ? 'orr' : 'orn', constant(0), right);
  }
  const known = simpleOperations[operation];
  return known === undefined || from === 15 ? change(to) : compute(to, known, left, right);
}

/** Section A5.3.3: ADDW, SUBW, MOVW, MOVT; bit fields and saturation are not followed. */
function decodePlainConstant(first: number, second: number): Instruction {
  const from = first & 15;
  const to = (second >>> 8) & 15;
  const low = ((first & 0x400) << 1) | ((second >>> 4) & 0x700) | (second & 0xff);
  const wide = (from << 12) | low;
  switch ((first >>> 4) & 31) {
    case 0b00000:
      return from === 15 ? change(to) : compute(to, 'add', register(from), constant(low));
    case 0b01010:
      return from === 15 ? change(to) : compute(to, 'sub', register(from), constant(low));
    case 0b00100:
      return move(to, constant(wide));
    case 0b01100:
      return compute(to, 'insert-top', register(to), constant(wide));
    default:
      return change(to);
  }
}

/** Section A5.3.4. */
function decodeBranch(first: number, second: number, at: number): Instruction {
  const sign = (first >>> 10) & 1;
  const bits13And11 = second & 0x2800;
  if ((second & 0x5000) === 0 && (first & 0x380) !== 0x380) {
    // B<c>.W, encoding T3.
    const offset =
      (sign << 20) |
      ((second & 0x800) << 8) |
      ((second & 0x2000) << 5) |
      ((first & 63) << 12) |
      ((second & 0x7ff) << 1);
    return { does: 'jump', targets: [at + 4 + signed(offset, 21)], isConditional: true };
  }
  if ((second & 0x5000) === 0) {
    const operation = (first >>> 4) & 127;
    // MSR may write MSP or PSP; hints, CLREX, DSB, DMB and ISB change no register; MRS does.
    if (operation >>> 1 === 0b011100) return change(stackPointer);
    if (operation >>> 1 === 0b011101) return nothing;
    return operation >>> 1 === 0b011111 ? change((second >>> 8) & 15) : unknown;
  }
  if ((second & 0x5000) === 0x4000) return unknown;
  // B.W, encoding T4, and BL: I1 = NOT(J1 EOR S), I2 = NOT(J2 EOR S).
  const i1 = (bits13And11 >>> 13) ^ sign ^ 1;
  const i2 = ((bits13And11 >>> 11) & 1) ^ sign ^ 1;
  const offset = (sign << 24) | (i1 << 23) | (i2 << 22) | ((first & 0x3ff) << 12) | ((second & 0x7ff) << 1);
  const targets = [at + 4 + signed(offset, 25)];
  return second & 0x4000 ? { does: 'call', targets } : { does: 'jump', targets, isConditional: false };
}

/** Section A5.3.5: STMIA, STMDB (PUSH) and the loads beside them. */
function decodeMultiple(first: number, second: number): Instruction {
  const base = first & 15;
  const direction = (first >>> 7) & 3;
  if (direction === 0 || direction === 3) return unknown;
  if (first & 0x10) return changeList((1 << base) | second);
  const registers = registersOf(second);
  const bytes = 4 * registers.length;
  const down = direction === 2;
  const baseChange = first & 0x20 ? (down ? -bytes : bytes) : 0;
  return store(base, constant(down ? -bytes : 0), registers, 4, baseChange);
}

/** Section A5.3.6: STRD and LDRD; exclusive accesses and the rest are not followed. */
function decodeDouble(first: number, second: number): Instruction {
  const isIndexed = (first & 0x100) !== 0;
  const writesBack = (first & 0x20) !== 0;
  if (!isIndexed && !writesBack) return unknown;
  const base = first & 15;
  const [low, high] = [(second >>> 12) & 15, (second >>> 8) & 15];
  if (first & 0x10) return writesBack ? change(low, high, base) : change(low, high);
  const offset = (second & 0xff) * (first & 0x80 ? 4 : -4);
  return store(base, constant(isIndexed ? offset : 0), [low, high], 4, writesBack ? offset : 0);
}

/** Sections A5.3.7 to A5.3.10 and A5.3.12 on. */
function decodeLoadStoreOrRegister(first: number, second: number, at: number): Instruction {
  if (first & 0x400) return unknown;
  const to = (second >>> 12) & 15;
  const base = first & 15;
  if ((first & 0x200) !== 0) {
    // Shifts by a register, products and quotients.
    const result = (second >>> 8) & 15;
    // A long product has two results; a quotient has all ones in place of the first.
    if (first & 0x100) return first & 0x80 && to !== programCounter ? change(result, to) : change(result);
    const isShift = (first & 0x80) === 0 && (second & 0xf0) === 0;
    const shift = shifts[(first >>> 5) & 3] ?? 'ror';
    return isShift ? compute(result, shift, register(base), register(second & 15)) : change(result);
  }
  const size = (first >>> 5) & 3;
  if (size === 3) return unknown;
  if (first & 0x10) return decodeLoad(first, second, at, size === 2);
  const bytes = 1 << size;
  if (base === programCounter || first & 0x100) return unknown;
  if (first & 0x80) return store(base, constant(second & 0xfff), [to], bytes);
  if ((second & 0xfc0) === 0)
    return store(base, register(second & 15, 'lsl', (second >>> 4) & 3), [to], bytes);
  const address = indexedAddress(second);
  return address === null ? unknown : store(base, constant(address.offset), [to], bytes, address.baseChange);
}

function decodeLoad(first: number, second: number, at: number, isWord: boolean): Instruction {
  const to = (second >>> 12) & 15;
  const base = first & 15;
  if (base === programCounter) {
    const offset = (second & 0xfff) * (first & 0x80 ? 1 : -1);
    if (!isWord) return to === programCounter ? nothing : change(to);
    if (to === programCounter) return jumpAway;
    return { does: 'load-literal', to, at: ((at + 4) & ~3) + offset };
  }
  // A byte or halfword "to the program counter" is a hint to the memory (PLD, PLI).
  if (!isWord && to === programCounter) return nothing;
  const isPlain = (first & 0x80) !== 0 || (second & 0xfc0) === 0;
  return isPlain || indexedAddress(second)?.baseChange === 0 ? change(to) : change(to, base);
}

/** An 8-bit offset, before or after, with or without writing the base back (STR, encoding T4). */
function indexedAddress(second: number): { offset: number; baseChange: number } | null {
  if ((second & 0x800) === 0) return null;
  const offset = (second & 0xff) * (second & 0x200 ? 1 : -1);
  const isIndexed = (second & 0x400) !== 0;
  const writesBack = (second & 0x100) !== 0;
  return isIndexed || writesBack
    ? { offset: isIndexed ? offset : 0, baseChange: writesBack ? offset : 0 }
    : null;
}
