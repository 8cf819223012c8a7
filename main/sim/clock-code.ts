import type { ClockRegister } from '../../app/mcu/clock-facts.ts';

/**
 * How the clock set-up reaches its register: as a literal (GCC 12, 14), computed from the reset value (GCC 8), or read
 * from memory, so that the code does not reveal it.
 */
export type ClockCodeForm = 'literal' | 'folded' | 'read';

/**
 * Thumb code that sets up the clock registers as the start-up of Klipper and Katapult does: first the reset value, then
 * the word. Words, the literals last. Encodings: ARMv7-M Architecture Reference Manual (ARM DDI 0403E), section A7.7.
 */
export function makeClockCode(
  registers: readonly ClockRegister[],
  words: readonly number[],
  form: ClockCodeForm,
): number[] {
  const literals: number[] = [];
  const code: number[] = [];
  /** The literals are put behind the code later: here their number. */
  const load = (to: number, word: number): void => {
    code.push(loadLiteral(to, literals.length));
    literals.push(word);
  };
  registers.forEach(({ address, resetValues: [reset], isAlsoChanged }, index) => {
    const word = words[index] ?? 0;
    const offset = address & 0x7c;
    load(3, address - offset);
    if (reset !== undefined) {
      load(5, reset);
      code.push(storeR5(offset));
    }
    if (form === 'read') {
      // LDR r5, [r4] (T1).
      code.push(0x6825);
    } else if (form === 'folded' && reset !== undefined) {
      code.push(...addToR5(word - reset));
    } else {
      load(5, word);
    }
    code.push(storeR5(offset));
    // LDR r5, [r3, #offset]; CMP r5, #0; STR: it may hold anything.
    if (isAlsoChanged) code.push(0x681d | (offset << 4), 0x2d00, storeR5(offset));
  });
  code.push(branchToItself);
  if (code.length % 2 === 1) code.push(branchToItself);
  const literalsAt = code.length / 2;
  const halves = code.map((half, index) =>
    half >>> 11 === 0b01001 ? half + literalsAt - ((index + 2) >>> 1) : half,
  );
  const packed = Array.from(
    { length: literalsAt },
    (_, index) => ((halves[index * 2] ?? 0) | ((halves[index * 2 + 1] ?? 0) << 16)) >>> 0,
  );
  return [...packed, ...literals];
}

/**
 * Marks the crystal in sample images whose code does not reveal it: only virtual chips read it, because they have to
 * know.
 */
const hiddenCrystalMark = 0xc0ffee5e;

/** Words that tell only a virtual chip, and no inspector, the crystal that an image is built for. */
export function hideCrystal(crystalHz: number): number[] {
  return [hiddenCrystalMark, crystalHz];
}

/** The crystal that `hideCrystal` put into an image; null if there is none. */
export function hiddenCrystal(words: Uint32Array): number | null {
  const at = words.indexOf(hiddenCrystalMark);
  return at < 0 ? null : (words[at + 1] ?? null);
}

/** STR r5, [r3, #offset] (T1). */
function storeR5(offset: number): number {
  return 0x601d | (offset << 4);
}

const branchToItself = 0xe7fe;

/** LDR Rt, [PC, #literal * 4] (T1), without the distance to the first literal. */
function loadLiteral(register: number, literal: number): number {
  return 0x4800 | (register << 8) | literal;
}

/** Adds or subtracts at most three constants of 8 bits, then one of 12, as GCC 8 does: 0x44000000 - 0xc00000 - 0x30a. */
function addToR5(distance: number): number[] {
  let rest = distance | 0;
  const code: number[] = [];
  for (const position of [24, 16, 12]) {
    const count = Math.round(rest / 2 ** position);
    rest -= count * 2 ** position;
    if (count !== 0) code.push(...addConstant(count, position));
  }
  // ADDW, SUBW r5, r5, #imm12 (T4).
  const imm12 = Math.abs(rest);
  code.push(rest < 0 ? 0xf2a5 : 0xf205, ((imm12 & 0x700) << 4) | 0x0500 | (imm12 & 0xff));
  return code;
}

/** ADD.W, SUB.W r5, r5, #count << position (T3): the constant as eight bits, the first a one, turned right. */
function addConstant(count: number, position: number): [number, number] {
  const byte = Math.abs(count);
  const leadingZeros = Math.clz32(byte) - 24;
  const turn = 32 - (position - leadingZeros);
  const imm8 = ((turn & 1) << 7) | ((byte << leadingZeros) & 0x7f);
  return [(count < 0 ? 0xf1a5 : 0xf105) | ((turn >>> 4) << 10), (((turn >>> 1) & 7) << 12) | 0x0500 | imm8];
}
