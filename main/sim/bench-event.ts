import type { Board } from './board/board.ts';
import type { AttachedDevice } from './bus/attached-device.ts';

/** An event on the bench. */
export type BenchEvent =
  | { readonly type: 'attach' | 'detach'; readonly board: Board; readonly device: AttachedDevice }
  /** The host cannot read what is on the board's port. */
  | { readonly type: 'unreadable'; readonly board: Board }
  /** A jumper, a fault, a program that starts; `note` in words. */
  | { readonly type: 'change'; readonly board: Board; readonly note: string };
