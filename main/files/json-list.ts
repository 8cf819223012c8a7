import * as z from 'zod/mini';
import type { JsonFormat, SetAside } from './json-store.ts';

/** The format of a list whose items are read one by one. */
export function jsonList<T>(
  item: z.ZodMiniType<T>,
  /** Converts an item of an earlier version to today's format. */
  migrate: (item: unknown) => unknown = (value) => value,
): JsonFormat<readonly T[]> {
  return {
    empty: [],
    read: (json, setAside) => readItems(z.array(z.unknown()).parse(json), item, setAside, migrate),
    write: (items) => items,
  };
}

/** The items that can be read; the others go to `setAside`. */
export function readItems<T>(
  items: readonly unknown[],
  item: z.ZodMiniType<T>,
  setAside: SetAside,
  migrate: (item: unknown) => unknown = (value) => value,
): readonly T[] {
  return items.flatMap((raw) => {
    const read = item.safeParse(migrate(raw));
    if (read.success) return [read.data];
    setAside(raw, z.prettifyError(read.error));
    return [];
  });
}
