import type { Card } from '../../app/cards/card.ts';

/** A mounted drive, removable or not. */
export interface Drive extends Card {
  /** False of fixed disks, and of any disk that this computer runs from. */
  readonly isRemovable: boolean;
  /** What its system ejects: `/dev/sdb1`, `disk4`, `E:`. */
  readonly device: string;
}

/** The drives of a computer. */
export interface CardDrives {
  /** Throws `card/unlisted`. */
  list(signal?: AbortSignal): Promise<readonly Drive[]>;
  /** Asks the system to let go of a drive; whether it did, the next list shows. */
  eject(drive: Drive, signal?: AbortSignal): Promise<void>;
}

/** Runs a program of this computer and returns what it printed; rejects if it failed. */
export type RunProgram = (file: string, args: readonly string[], signal?: AbortSignal) => Promise<string>;
