/** One element of a pattern: any run of characters, or one character of a set. */
type Place = '*' | ((character: string) => boolean);

interface WildcardOptions {
  /** `[abc]`, `[a-z]` and `[!abc]` as in fnmatch(3); without it brackets are literal. */
  readonly sets?: boolean;
  readonly ignoreCase?: boolean;
  /** Called for every comparison of a character with an element. */
  readonly onStep?: () => void;
}

/**
 * True if the whole text matches a pattern of `*` (any characters, or none) and `?` (exactly one). Backtracks to the
 * last star only, since an earlier one can match nothing that the last one could not: the time is bounded by text times
 * pattern, where a backtracking regular expression needs a power of it for each star. Patterns come from a Pi's files
 * and so from anywhere.
 */
export function matchesWildcard(text: string, pattern: string, options: WildcardOptions = {}): boolean {
  const fold = (each: string): string => (options.ignoreCase === true ? each.toLowerCase() : each);
  const characters = Array.from(fold(text));
  const places = placesOf(Array.from(fold(pattern)), options.sets === true);
  let at = 0;
  let place = 0;
  /** The element after the last star, and where the star's run of characters ends so far. */
  let afterStar = -1;
  let runEnd = 0;
  for (;;) {
    const next = places[place];
    if (next === '*') {
      place += 1;
      afterStar = place;
      runEnd = at;
      continue;
    }
    const character = characters[at];
    if (character === undefined) return next === undefined;
    options.onStep?.();
    if (next?.(character) === true) {
      at += 1;
      place += 1;
    } else if (afterStar >= 0) {
      runEnd += 1;
      at = runEnd;
      place = afterStar;
    } else return false;
  }
}

function placesOf(pattern: readonly string[], sets: boolean): Place[] {
  const places: Place[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at];
    const end = sets && character === '[' ? setEnd(pattern, at) : -1;
    if (character === '*') {
      if (places.at(-1) !== '*') places.push('*');
    } else if (character === '?') places.push(() => true);
    else if (end > 0) {
      places.push(setOf(pattern.slice(at + 1, end)));
      at = end;
    } else places.push((each) => each === character);
  }
  return places;
}

/** Where the bracket that opens at `at` closes; -1 if it never does. A `]` that comes first belongs to the set. */
function setEnd(pattern: readonly string[], at: number): number {
  return pattern.indexOf(']', pattern[at + 1] === '!' ? at + 3 : at + 2);
}

/** A reversed range contains nothing, as in Python's fnmatch. */
function setOf(inner: readonly string[]): (character: string) => boolean {
  const negated = inner[0] === '!';
  const members = negated ? inner.slice(1) : inner;
  const ranges: [number, number][] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = code(members[at]);
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    ranges.push([from, isRange ? code(members[at + 2]) : from]);
    if (isRange) at += 2;
  }
  return (character) => {
    const value = code(character);
    return ranges.some(([from, to]) => value >= from && value <= to) !== negated;
  };
}

function code(character: string | undefined): number {
  return character?.codePointAt(0) ?? -1;
}
