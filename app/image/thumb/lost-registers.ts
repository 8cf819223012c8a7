import { allRegisters, type Instruction } from './instruction.ts';
import { walk } from './walk.ts';

/** Loops that wait for a bit of a register have two to four instructions. */
const mostInLoop = 8;

/** An instruction that was passed, and the registers that it may change; null if it may do anything else. */
interface Passed {
  readonly index: number;
  readonly changes: number | null;
}

/** A jump back to `first`, over a body without any other jump. */
interface Loop {
  readonly first: number;
  readonly last: number;
  readonly changes: number;
}

/**
 * For each halfword, the registers (one bit each) whose values are unknown there because code may jump to it: all of
 * them, or, at the start of a short loop that is entered only from above, those that its body changes. Firmware waits
 * in such loops for an oscillator in the middle of its clock set-up. Null if `walk` gives up.
 */
export function findLostRegisters(halves: Uint16Array): Uint16Array | null {
  const lost = new Uint16Array(halves.length);
  const loops: Loop[] = [];
  let passed: Passed[] = [];
  const isWhole = walk(halves, (instruction, at, bytes) => {
    const index = at >>> 1;
    for (const target of targetsOf(instruction)) {
      if (target < 0 || target >>> 1 >= lost.length) continue;
      const loop = loopBack(instruction, target >>> 1, index + (bytes >>> 1) - 1, passed);
      if (loop === null) lost[target >>> 1] = allRegisters;
      else loops.push(loop);
    }
    passed = [...passed.slice(1 - mostInLoop), { index, changes: changesOf(instruction) }];
    return true;
  });
  if (!isWhole) return null;
  const first = new Set(loops.map((loop) => loop.first));
  for (const loop of loops) {
    const isEntered = lost.subarray(loop.first + 1, loop.last + 1).some((registers) => registers !== 0);
    const holdsLoop = Array.from({ length: loop.last - loop.first }, (_, step) => loop.first + 1 + step);
    const isSimple = !isEntered && !holdsLoop.some((index) => first.has(index));
    lost[loop.first] = (lost[loop.first] ?? 0) | (isSimple ? loop.changes : allRegisters);
  }
  return lost;
}

function targetsOf(instruction: Instruction | null): readonly number[] {
  return instruction?.does === 'jump' || instruction?.does === 'call' ? instruction.targets : [];
}

function loopBack(
  instruction: Instruction | null,
  first: number,
  last: number,
  passed: readonly Passed[],
): Loop | null {
  if (instruction?.does !== 'jump' || !instruction.isConditional) return null;
  const from = passed.findIndex(({ index }) => index === first);
  if (from < 0) return null;
  let changes = 0;
  for (const each of passed.slice(from)) {
    if (each.changes === null) return null;
    changes |= each.changes;
  }
  return { first, last, changes };
}

function changesOf(instruction: Instruction | null): number | null {
  switch (instruction?.does) {
    case 'nothing':
    case 'make-conditional':
      return 0;
    case 'compute':
    case 'load-literal':
      return 1 << instruction.to;
    case 'change':
      return instruction.registers;
    case 'store':
      return instruction.baseChange === 0 ? 0 : 1 << instruction.base;
    default:
      return null;
  }
}
