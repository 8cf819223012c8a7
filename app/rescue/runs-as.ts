import type { BoardMode } from '../boards/board-mode.ts';
import type { ImageInfo } from '../image/image-info.ts';

/** How a running Klipper shows: its mode on USB, or why it never shows there. */
export type RunsAs =
  | { readonly mode: Extract<BoardMode, 'can-bridge' | 'klipper-serial'> }
  | { readonly mode: null; readonly why: 'can-node' | 'no-usb' | 'not-told' };

/** The USB mode of a board that runs this Klipper image. */
export function runsAs({ can, usb }: Pick<ImageInfo, 'can' | 'usb'>): RunsAs {
  if (can?.role === 'bridge') return { mode: 'can-bridge' };
  if (can?.role === 'node') return { mode: null, why: 'can-node' };
  if (usb === true) return { mode: 'klipper-serial' };
  return { mode: null, why: usb === false ? 'no-usb' : 'not-told' };
}
