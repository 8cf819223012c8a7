import { decodeNarrow } from './decode-narrow.ts';
import { decodeWide, isWide } from './decode-wide.ts';
import type { Instruction } from './instruction.ts';
import { readTableBranch } from './table-branch.ts';

/** The most table entries that are read. Real firmware has some hundreds; random bytes may look like endless tables. */
const mostEntries = 1 << 14;

/** An instruction at an offset into the image; null stands for a halfword of data. Returns whether to continue. */
type Visit = (instruction: Instruction | null, at: number, bytes: 2 | 4) => boolean;

/**
 * Decodes `halves` from first to last, until `visit` returns false. Literals and branch tables follow the code that
 * uses them; they are treated as data, so that the code behind them stays aligned. Returns false if it gave up, at more
 * tables than firmware has.
 */
export function walk(halves: Uint16Array, visit: Visit): boolean {
  let entries = 0;
  const isData = new Uint8Array(halves.length);
  for (let index = 0; index < halves.length;) {
    if (isData[index]) {
      if (!visit(null, index * 2, 2)) return true;
      index++;
      continue;
    }
    const first = halves[index] ?? 0;
    const bytes = isWide(first) ? 4 : 2;
    const next = index + (bytes >>> 1);
    const table = readTableBranch(halves, index);
    let instruction: Instruction;
    if (table) {
      entries += table.targets.length;
      if (entries > mostEntries) return false;
      isData.fill(1, next, next + table.tableHalfwords);
      instruction = { does: 'jump', targets: table.targets, isConditional: false };
    } else if (bytes === 2) {
      instruction = decodeNarrow(first, index * 2);
    } else {
      instruction = decodeWide(first, halves[index + 1] ?? 0, index * 2);
    }
    if (instruction.does === 'load-literal' && instruction.at >= next * 2) {
      isData.fill(1, instruction.at >>> 1, (instruction.at >>> 1) + 2);
    }
    if (!visit(instruction, index * 2, bytes)) return true;
    index = next;
  }
  return true;
}
