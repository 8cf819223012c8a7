import type { StationState } from '../../station/station.svelte.ts';
import { texts } from '../../texts/en.ts';

interface KnownBoard {
  /** The chip's UID, which is its USB serial number. */
  readonly uid: string;
  readonly canbusUuid: string;
  readonly name: string;
}

/** Boards that this station knows from its ports and its flows. Virtual ones are for the virtual Pi only. */
export function knownBoards(station: StationState, isVirtual: boolean): readonly KnownBoard[] {
  const virtual = new Set(station.virtual.all.map(({ uid }) => uid));
  const found = new Map<string, KnownBoard>();
  for (const { uid, canbusUuid, board, place } of station.flows.all) {
    if (uid === null || canbusUuid === null) continue;
    const name = board?.name ?? (place === null ? uid : texts.flow.onPort(place));
    found.set(uid, { uid, canbusUuid, name });
  }
  for (const { uid, canbusUuid, place } of station.boards.all) {
    if (uid === null || canbusUuid === null || found.has(uid)) continue;
    const name = place === null ? uid : texts.flow.onPort(place);
    found.set(uid, { uid, canbusUuid, name });
  }
  return [...found.values()].filter(({ uid }) => virtual.has(uid) === isVirtual);
}
