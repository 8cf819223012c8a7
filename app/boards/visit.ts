import type { PlaceId } from '../place.ts';
import type { Board } from './board.ts';

export interface Visit {
  readonly board: Board;
  /** Null in the state of an earlier start: what is there now may be anything. */
  readonly place: PlaceId | null;
  readonly since: number;
  /** Null while it is plugged in. */
  readonly until: number | null;
}
