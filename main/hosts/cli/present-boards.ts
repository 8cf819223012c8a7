import { comparePlaces } from '../../../app/place.ts';
import type { Board } from '../../../app/boards/board.ts';
import type { StationClient } from '../../../app/contract/station-contract.ts';

/** What is plugged in now, by port. */
export async function presentBoards(client: StationClient, signal: AbortSignal): Promise<readonly Board[]> {
  for await (const event of client.stream('boards.watch', null, { signal }))
    if (event.type === 'all') return byPort(event.items.filter(({ place }) => place !== null));
  return [];
}

export function byPort(boards: readonly Board[]): readonly Board[] {
  return boards.toSorted((a, b) =>
    a.place === null || b.place === null ? 0 : comparePlaces(a.place, b.place),
  );
}
