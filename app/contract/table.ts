import * as z from 'zod/mini';
import type { Schema } from './define.ts';

/** What a follower of a `LiveTable` gets: all items, then each that changes and the id of each that is removed. */
export function table<S extends Schema>(item: S) {
  return z.discriminatedUnion('type', [
    z.object({ type: z.literal('all'), items: z.array(item) }),
    z.object({ type: z.literal('item'), item }),
    z.object({ type: z.literal('gone'), id: z.string() }),
  ]);
}
