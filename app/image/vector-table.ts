import { flashEnd, flashStart } from '../mcu/stm32-memory.ts';

export interface VectorTable {
  readonly initialStackPointer: number;
  readonly resetVector: number;
  /** Lowest and highest handler address among the core's vectors, without the Thumb bit. */
  readonly lowestHandler: number;
  readonly highestHandler: number;
}

/** Vectors of the core itself (Cortex-M4 programming manual PM0214, section 2.3.4). */
const coreVectors = 16;

/**
 * The vector table at the start of an STM32 image; null if the words cannot be one: the stack pointer must be
 * word-aligned and in RAM, reset must be odd (Thumb) and in flash. Katapult's deployer has only these two words, then
 * code, so the other handlers count only if all of them can be handlers.
 */
export function readVectorTable(words: Uint32Array): VectorTable | null {
  const [initialStackPointer, resetVector] = words;
  if (initialStackPointer === undefined || resetVector === undefined || !isHandler(resetVector)) return null;
  if (
    initialStackPointer <= 0x10000000 ||
    initialStackPointer >= 0x40000000 ||
    initialStackPointer % 4 !== 0
  ) {
    return null;
  }
  const others = [...words.subarray(2, coreVectors)].filter((vector) => vector !== 0);
  const handlers = [resetVector, ...(others.every(isHandler) ? others : [])].map((vector) => vector - 1);
  return {
    initialStackPointer,
    resetVector,
    lowestHandler: Math.min(...handlers),
    highestHandler: Math.max(...handlers),
  };
}

function isHandler(vector: number): boolean {
  return vector % 2 === 1 && vector >= flashStart && vector < flashEnd;
}
