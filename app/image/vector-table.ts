import { memoryMaps } from '../mcu/mcu.ts';
import type { MemoryMap } from '../mcu/memory-map.ts';

export interface VectorTable {
  readonly initialStackPointer: number;
  readonly resetVector: number;
  /** Lowest and highest handler address among the core's vectors, without the Thumb bit. */
  readonly lowestHandler: number;
  readonly highestHandler: number;
}

/** The vector table of an image, wherever its architecture has it, with that address space; null if it has none. */
export function findVectorTable(words: Uint32Array): { vectors: VectorTable; memory: MemoryMap } | null {
  for (const memory of memoryMaps) {
    for (const offset of memory.vectorTableOffsets) {
      const vectors = readVectorTable(words.subarray(offset >>> 2), memory);
      if (vectors !== null) return { vectors, memory };
    }
  }
  return null;
}

/** Vectors of the core itself (Cortex-M4 programming manual PM0214, section 2.3.4). */
const coreVectors = 16;

/**
 * The vector table that an image begins with; null if the words cannot be one: the stack pointer must be word-aligned
 * and in RAM, reset must be odd (Thumb) and in flash. Katapult's deployer has only these two words, then
 * code, so the other handlers count only if all of them can be handlers.
 */
export function readVectorTable(words: Uint32Array, { flash }: MemoryMap): VectorTable | null {
  const isHandler = (vector: number): boolean =>
    vector % 2 === 1 && vector >= flash.start && vector < flash.end;
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
