import type { KatapultBlock } from './katapult-blocks.ts';

/** What the way to a Katapult demands of a flasher. */
export interface KatapultLine {
  /** Requests that may be in flight; null: as many as its buffers take. */
  readonly window: 1 | null;
  /**
   * True if frames can get lost. One that is lost inside a request stops Katapult until a reset, and whatever is sent next
   * is taken for the missing bytes: so nothing is sent again before Katapult has shown that it still listens.
   */
  readonly losesFrames: boolean;
  /** Reads flash first, and writes nothing if it already holds the image. */
  readonly comparesFirst: boolean;
}

/** USB: it has flow control. */
export const byteLine: KatapultLine = { window: null, losesFrames: false, comparesFirst: false };

export const canLine: KatapultLine = { window: 1, losesFrames: true, comparesFirst: true };

/** A chip that erases or programs receives nothing meanwhile: what comes then is lost. */
export const uartLine: KatapultLine = { window: 1, losesFrames: true, comparesFirst: false };

/**
 * On CAN a silent node is named within 6 s, probe included. Katapult programs 32 bits at a time: the longest erase is 2 s
 * for 128 KiB on F4 (data sheets, at 32 bits), 4 s on H7; a block takes 2 ms.
 */
const longestMs = { block: 1000, erase: 4500 } as const;
/** Of a block that begins a sector; see `planWrite`. */
const erasesFromMs = 5000;

/** The time-out of a block on this line. */
export function blockTimeoutMs({ timeoutMs }: Pick<KatapultBlock, 'timeoutMs'>, line: KatapultLine): number {
  if (!line.losesFrames) return timeoutMs;
  return timeoutMs < erasesFromMs ? longestMs.block : longestMs.erase;
}
