import type { PlaceId } from '../place.ts';
import type { Board } from './board.ts';

export interface Visit {
  readonly board: Board;
  readonly place: PlaceId;
  readonly since: number;
  /** Null while it is plugged in. */
  readonly until: number | null;
}
