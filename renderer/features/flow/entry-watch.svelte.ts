import type { Board } from '../../../app/boards/board.ts';
import { beginEntryWatch, entryWatchAfter, type EntryWatch } from '../../../app/flow/entry-watch.ts';
import type { PlaceId } from '../../../app/place.ts';

interface Look {
  readonly boards: readonly Board[];
  readonly place: PlaceId | null;
  readonly held: readonly PlaceId[];
}

/** Follows the boards of a station while a person puts one into DFU. Begins anew where the page is reloaded. */
export function watchEntry(look: () => Look): { readonly now: EntryWatch } {
  let before: EntryWatch | null = null;
  const now = $derived.by(() => {
    const { boards, ...ports } = look();
    before = before === null ? beginEntryWatch(boards, ports) : entryWatchAfter(before, boards, ports);
    return before;
  });
  return {
    get now() {
      return now;
    },
  };
}
