/** What is on a board, compared with a wanted version or commit. */
type Standing = 'same' | 'older' | 'newer' | 'different' | 'unknown';

interface VersionOnBoard {
  readonly version: string | null;
  /** The commit that it was built from, 40 hex digits, if known. */
  readonly commit: string | null;
}

interface Described {
  readonly tag: readonly number[];
  /** Commits since the tag. */
  readonly count: number;
  readonly hash: string | null;
  readonly isDirty: boolean;
}

/**
 * Compares with `wanted`: a commit (7 hex digits or more) or a version as `git describe` prints it
 * (`v0.13.0-123-g0a1b2c3d`; `v0.13.0` for the tag itself). Older and newer follow from tag and number of commits, so
 * only between versions and not between commits. A build from a changed tree is never the same.
 */
export function compareVersions(on: VersionOnBoard, wanted: string): Standing {
  const target = wanted.trim().toLowerCase();
  if (target === '') return 'unknown';
  const board = on.version === null ? null : parseDescribed(on.version.toLowerCase());
  if (/^[0-9a-f]{7,40}$/.test(target)) return compareCommits(on, board, target);
  const want = parseDescribed(target);
  if (board === null || want === null) return on.version === null ? 'unknown' : 'different';
  if (board.isDirty || want.isDirty) return 'different';
  const order = compareNumbers([...padded(board.tag), board.count], [...padded(want.tag), want.count]);
  if (order !== 0) return order < 0 ? 'older' : 'newer';
  const isOther = board.hash !== null && want.hash !== null && !startsAlike(board.hash, want.hash);
  return isOther ? 'different' : 'same';
}

function compareCommits(on: VersionOnBoard, board: Described | null, wanted: string): Standing {
  const hash = on.commit ?? board?.hash ?? null;
  if (hash === null) return 'unknown';
  return startsAlike(hash, wanted) && board?.isDirty !== true ? 'same' : 'different';
}

/** git-describe(1): the tag, then commits since and abbreviated hash, if any. */
function parseDescribed(text: string): Described | null {
  const found = /^v?(\d+(?:\.\d+)*)(?:-(\d+)-g([0-9a-f]{4,40}))?(-dirty\S*)?/.exec(text);
  if (found === null) return null;
  const [, tag = '', count, hash, dirty] = found;
  return {
    tag: tag.split('.').map(Number),
    count: Number(count ?? 0),
    hash: hash ?? null,
    isDirty: dirty !== undefined,
  };
}

function startsAlike(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}

/** Makes 0.13 and 0.13.0 equal. */
function padded(tag: readonly number[]): number[] {
  return [0, 1, 2, 3].map((index) => tag[index] ?? 0);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, at) => number !== b[at]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
