import type { PlaceId } from '../../../app/place.ts';
import type { KnownKlipper } from '../../../app/bench/bench-recipe.ts';
import type { Trouble } from '../../../app/errors/trouble.ts';
import type { HistoryAccess } from '../../history/history-access.ts';
import type { History } from '../../history/history.ts';

/** More runs than any chip is likely to have between two that wrote Klipper. */
const runsLookedAt = 20;

/** The Klipper that the history last wrote completely to a chip; null if there is none. */
export function klipperOn(access: HistoryAccess, uid: string): KnownKlipper | null {
  const runs = orNone(access, (history) => history.page({ uid, boards: 'all' }, runsLookedAt).runs);
  for (const { images, kind, state } of runs) {
    // A restored backup differs from what the history has written.
    if (kind === 'restore' && state !== 'untouched') return null;
    const klipper = images.find(({ part, result }) => part === 'application' && result !== 'not-written');
    if (klipper === undefined) continue;
    // Begun and not proven: it is unknown what runs there.
    return klipper.result === 'verified' ? { version: klipper.version, sha256: klipper.sha256 } : null;
  }
  return null;
}

/** Interrupted runs that no person has acknowledged yet, by port, newest first. */
export function cutOffRuns(access: HistoryAccess): { place: PlaceId; trouble: Trouble }[] {
  return orNone(access, (history) => history.interrupted()).flatMap(({ place, error, state }) =>
    error === null ? [] : [{ place, trouble: { code: error.code, message: error.message, state } }],
  );
}

/** An unreadable history was already reported; the bench continues without. */
function orNone<T>(access: HistoryAccess, read: (history: History) => readonly T[]): readonly T[] {
  try {
    return read(access.open());
  } catch {
    return [];
  }
}
