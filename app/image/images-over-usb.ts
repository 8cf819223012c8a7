import type { Images } from './image-parts.ts';
import type { BoardRole } from '../boards/board-role.ts';

/** What is written over USB: all of it, but only Katapult to a node, which leaves USB for its bus with it. */
export function imagesOverUsb<T>(role: BoardRole, images: Images<T>): Images<T> {
  return role === 'node' ? { ...images, application: null } : images;
}
