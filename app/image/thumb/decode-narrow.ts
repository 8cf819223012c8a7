import {
  change,
  changeList,
  compute,
  constant,
  jumpAway,
  lostInCall,
  move,
  nothing,
  register,
  registersOf,
  signed,
  stackPointer,
  store,
  unknown,
  type Instruction,
} from './instruction.ts';

/** A 16-bit instruction (section A5.2) at offset `at` into the image. */
export function decodeNarrow(half: number, at: number): Instruction {
  const low = half & 7;
  const middle = (half >>> 3) & 7;
  switch (half >>> 12) {
    case 0b0000:
    case 0b0001:
      return decodeShiftOrAdd(half, low, middle);
    case 0b0010:
    case 0b0011: {
      // MOV, CMP, ADD, SUB with an 8-bit constant.
      const to = (half >>> 8) & 7;
      const value = constant(half & 0xff);
      const operation = (half >>> 11) & 3;
      if (operation === 0) return move(to, value);
      if (operation === 1) return nothing;
      return compute(to, operation === 2 ? 'add' : 'sub', register(to), value);
    }
    case 0b0100: {
      if (half & 0x800) {
        return { does: 'load-literal', to: (half >>> 8) & 7, at: ((at + 4) & ~3) + (half & 0xff) * 4 };
      }
      return half & 0x400 ? decodeHighRegisters(half) : decodeDataProcessing(half, low, middle);
    }
    case 0b0101: {
      // With a register as offset: STR, STRH, STRB, then loads.
      const kind = (half >>> 9) & 7;
      return kind > 2 ? change(low) : store(middle, register((half >>> 6) & 7), [low], 4 >>> kind);
    }
    case 0b0110:
    case 0b0111:
    case 0b1000: {
      const bytes = half >>> 12 === 0b0110 ? 4 : half >>> 12 === 0b0111 ? 1 : 2;
      if (half & 0x800) return change(low);
      return store(middle, constant(((half >>> 6) & 31) * bytes), [low], bytes);
    }
    case 0b1001: {
      const number = (half >>> 8) & 7;
      return half & 0x800 ? change(number) : store(stackPointer, constant((half & 0xff) * 4), [number], 4);
    }
    case 0b1010:
      // ADR; ADD Rd, SP.
      return change((half >>> 8) & 7);
    case 0b1011:
      return decodeMiscellaneous(half, at);
    case 0b1100: {
      const base = (half >>> 8) & 7;
      if (half & 0x800) return changeList((1 << base) | (half & 0xff));
      const registers = registersOf(half & 0xff);
      return store(base, constant(0), registers, 4, 4 * registers.length);
    }
    case 0b1101: {
      const condition = (half >>> 8) & 15;
      if (condition === 15) return changeList(lostInCall);
      if (condition === 14) return jumpAway;
      return { does: 'jump', targets: [at + 4 + signed(half, 8) * 2], isConditional: true };
    }
    case 0b1110:
      return { does: 'jump', targets: [at + 4 + signed(half, 11) * 2], isConditional: false };
    default:
      return unknown;
  }
}

/** Section A5.2.1, the part below MOV with an 8-bit constant. */
function decodeShiftOrAdd(half: number, low: number, middle: number): Instruction {
  const amount = (half >>> 6) & 31;
  const operation = (half >>> 11) & 3;
  // LSR and ASR write a shift by 32 as 0.
  if (operation === 0) return move(low, register(middle, 'lsl', amount));
  if (operation < 3) return move(low, register(middle, operation === 1 ? 'lsr' : 'asr', amount || 32));
  const right = half & 0x400 ? constant(amount & 7) : register(amount & 7);
  return compute(low, half & 0x200 ? 'sub' : 'add', register(middle), right);
}

/** By bits 9..6, without those that need the carry. */
const simpleOperations = ['and', 'eor', 'lsl', 'lsr', 'asr', null, null, 'ror'] as const;

/** Section A5.2.2. The carry is not followed. */
function decodeDataProcessing(half: number, low: number, middle: number): Instruction {
  const operation = (half >>> 6) & 15;
  const simple = simpleOperations[operation];
  if (simple) return compute(low, simple, register(low), register(middle));
  if (operation === 8 || operation === 10 || operation === 11) return nothing;
  if (operation === 9) return compute(low, 'sub', constant(0), register(middle));
  if (operation === 12) return compute(low, 'orr', register(low), register(middle));
  if (operation === 14) return compute(low, 'bic', register(low), register(middle));
  if (operation === 15) return compute(low, 'orn', constant(0), register(middle));
  return change(low);
}

/** Section A5.2.3: ADD, CMP, MOV, BX and BLX of any register. */
function decodeHighRegisters(half: number): Instruction {
  const to = (half & 7) | ((half >>> 4) & 8);
  const from = (half >>> 3) & 15;
  switch ((half >>> 8) & 3) {
    case 0:
      return from === 15 ? change(to) : compute(to, 'add', register(to), register(from));
    case 1:
      return nothing;
    case 2:
      return from === 15 ? change(to) : move(to, register(from));
    default:
      return half & 0x80 ? { does: 'call', targets: [] } : jumpAway;
  }
}

/** Section A5.2.5. */
function decodeMiscellaneous(half: number, at: number): Instruction {
  const bits = (half >>> 5) & 0x7f;
  if ((bits & 0b0101000) === 0b0001000) {
    // CBZ, CBNZ.
    const offset = ((half >>> 3) & 31) * 2 + ((half >>> 9) & 1) * 64;
    return { does: 'jump', targets: [at + 4 + offset], isConditional: true };
  }
  if (bits >>> 3 === 0) {
    const operation = bits & 4 ? 'sub' : 'add';
    return compute(stackPointer, operation, register(stackPointer), constant((half & 0x7f) * 4));
  }
  // SXTH, SXTB, UXTH, UXTB; REV, REV16, REVSH.
  if (bits >>> 3 === 0b0010 || bits >>> 3 === 0b1010) return change(half & 7);
  if (bits >>> 4 === 0b010) {
    const registers = registersOf((half & 0xff) | (half & 0x100 ? 1 << 14 : 0));
    const bytes = 4 * registers.length;
    return store(stackPointer, constant(-bytes), registers, 4, -bytes);
  }
  if (bits >>> 4 === 0b110) {
    return half & 0x100 ? jumpAway : changeList((1 << stackPointer) | (half & 0xff));
  }
  // CPS.
  if ((half & 0xffe8) === 0xb660) return nothing;
  if (half >>> 8 !== 0xbf) return unknown;
  const mask = half & 15;
  // NOP and the other hints have no mask; a lone 1 marks the last of the block.
  if (mask === 0) return nothing;
  return { does: 'make-conditional', count: 4 - Math.log2(mask & -mask) };
}
