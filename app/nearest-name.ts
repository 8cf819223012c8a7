/**
 * A name with more mistakes than this is a different name: in a short one a single character may be all that differs.
 */
const allowedMistakes = (length: number): number => (length < 6 ? 1 : 2);

/**
 * The name most likely meant by an unknown one: the one with the fewest changes (a character too many, too few, a
 * different one, or two swapped), ignoring case. Null if none is near enough.
 */
export function nearestName(text: string, names: readonly string[]): string | null {
  const wanted = text.toLowerCase();
  let nearest: string | null = null;
  let least = allowedMistakes(wanted.length);
  for (const name of names) {
    const mistakes = distance(wanted, name.toLowerCase());
    if (mistakes > least || (mistakes === least && nearest !== null)) continue;
    nearest = name;
    least = mistakes;
  }
  return nearest;
}

/** Optimal string alignment: the rows of the edit matrix, of which two suffice, and one more for swaps. */
function distance(a: string, b: string): number {
  let [earlier, before]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (before[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (before[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (earlier[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    [earlier, before] = [before, row];
  }
  return before[b.length] ?? 0;
}
