import { diffArrays, diffWordsWithSpace } from 'diff';

/** A piece of a line; `isChanged` if it differs from the other side. */
export interface DiffPart {
  readonly text: string;
  readonly isChanged: boolean;
}

/** A line of one side; lines count from 1. */
export interface DiffSide {
  readonly number: number;
  readonly parts: readonly DiffPart[];
}

/** A row of a side-by-side diff: null if the side has no such line. */
export interface DiffRow {
  readonly isSame: boolean;
  readonly old: DiffSide | null;
  readonly fresh: DiffSide | null;
}

/** Rows to show, or rows that may be folded because nothing differs near them. */
interface DiffBlock {
  readonly isFar: boolean;
  readonly rows: readonly DiffRow[];
}

const contextRows = 3;

/** Two texts side by side, line by line; null is a missing file. */
export function diffRows(before: string | null, after: string | null): DiffRow[] {
  const rows: DiffRow[] = [];
  let [oldNumber, freshNumber] = [1, 1];
  let removed: string[] = [];
  const flush = (added: readonly string[]): void => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1) {
      const [old = null, fresh = null] = [removed[at], added[at]];
      const [oldParts, freshParts] = partsOf(old, fresh);
      rows.push({
        isSame: false,
        old: old === null ? null : { number: oldNumber++, parts: oldParts },
        fresh: fresh === null ? null : { number: freshNumber++, parts: freshParts },
      });
    }
    removed = [];
  };
  for (const change of diffArrays(linesOf(before), linesOf(after))) {
    if (change.removed) {
      removed = change.value;
    } else if (change.added) {
      flush(change.value);
    } else {
      flush([]);
      for (const text of change.value) {
        const parts = [{ text, isChanged: false }];
        rows.push({
          isSame: true,
          old: { number: oldNumber++, parts },
          fresh: { number: freshNumber++, parts },
        });
      }
    }
  }
  flush([]);
  return rows;
}

/** The rows in blocks: those near a difference, and those between. */
export function diffBlocks(rows: readonly DiffRow[]): DiffBlock[] {
  const near = new Set<number>();
  rows.forEach(({ isSame }, index) => {
    if (isSame) return;
    for (let at = index - contextRows; at <= index + contextRows; at += 1) near.add(at);
  });
  const blocks: { isFar: boolean; rows: DiffRow[] }[] = [];
  rows.forEach((row, index) => {
    const isFar = !near.has(index);
    const last = blocks.at(-1);
    if (last?.isFar === isFar) last.rows.push(row);
    else blocks.push({ isFar, rows: [row] });
  });
  return blocks;
}

/** How many lines were removed and added. */
export function diffCounts(rows: readonly DiffRow[]): { readonly removed: number; readonly added: number } {
  const changed = rows.filter(({ isSame }) => !isSame);
  return {
    removed: changed.filter(({ old }) => old !== null).length,
    added: changed.filter(({ fresh }) => fresh !== null).length,
  };
}

function linesOf(text: string | null): string[] {
  if (text === null || text === '') return [];
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** If two lines have little in common, marking the few words that they share only confuses. */
function partsOf(old: string | null, fresh: string | null): [DiffPart[], DiffPart[]] {
  const whole = (text: string | null): DiffPart[] => [{ text: text ?? '', isChanged: true }];
  if (old === null || fresh === null) return [whole(old), whole(fresh)];
  const changes = diffWordsWithSpace(old, fresh);
  const common = changes.filter(({ added, removed }) => !added && !removed);
  const length = common.reduce((sum, { value }) => sum + value.length, 0);
  if (length * 2 < Math.max(old.length, fresh.length)) return [whole(old), whole(fresh)];
  return [
    changes.filter(({ added }) => !added).map(({ value, removed }) => ({ text: value, isChanged: removed })),
    changes.filter(({ removed }) => !removed).map(({ value, added }) => ({ text: value, isChanged: added })),
  ];
}
