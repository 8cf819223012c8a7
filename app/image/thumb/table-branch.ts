/** The targets of a table branch, and the halfwords of its table, which follows it. */
interface TableBranch {
  /** Offsets into the image. */
  readonly targets: readonly number[];
  /** 0 if the table's length is unknown. */
  readonly tableHalfwords: number;
}

/**
 * TBB and TBH with the table behind them (section A7.7.185: 11101000 1101 1111, 11110000 000H Rm), the instruction at
 * halfword `index`; null for any other. A compiler checks the index right before: `CMP Rm, #last; BHI elsewhere`. If it
 * does not, the table is assumed to reach up to its first target: that may be too many targets.
 */
export function readTableBranch(halves: Uint16Array, index: number): TableBranch | null {
  const second = halves[index + 1] ?? 0;
  if (halves[index] !== 0xe8df || (second & 0xffe0) !== 0xf000) return null;
  const entryBytes = second & 0x10 ? 2 : 1;
  const start = (index + 2) * 2;
  const count = countEntries(halves, index, second & 15);
  const targets: number[] = [];
  let end = count === null ? halves.length * 2 : Math.min(halves.length * 2, start + count * entryBytes);
  for (let at = start; at < end; at += entryBytes) {
    const half = halves[at >>> 1] ?? 0;
    const entry = entryBytes === 2 ? half : (half >>> ((at & 1) * 8)) & 0xff;
    const target = start + entry * 2;
    if (count === null) end = Math.min(end, target);
    targets.push(target);
  }
  return { targets, tableHalfwords: count === null ? 0 : Math.ceil((count * entryBytes) / 2) };
}

function countEntries(halves: Uint16Array, index: number, register: number): number | null {
  const before = halves[index - 1] ?? 0;
  // BHI, encodings T1 (16 bits) and T3 (32 bits).
  const isNarrow = before >>> 8 === 0xd8;
  const isWide = ((halves[index - 2] ?? 0) & 0xfbc0) === 0xf200 && (before & 0xd000) === 0x8000;
  const compare = halves[index - (isNarrow ? 2 : 3)] ?? 0;
  // CMP Rn, #imm8.
  const isCompare = compare >>> 8 === (0x28 | register);
  return (isNarrow || isWide) && isCompare ? (compare & 0xff) + 1 : null;
}
