import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import { LiveItems } from '../../../renderer/station/live-items.svelte.ts';
import { countRuns } from '../reactions.svelte.ts';

interface Item {
  readonly id: string;
  readonly n: number;
}
const all = (...items: Item[]) => ({ type: 'all', items }) as const;
const item = (id: string, n: number) => ({ type: 'item', item: { id, n } }) as const;

describe('the page keeps a live table of the station', () => {
  it('as the station sends it: all, then what changes and what goes', () => {
    const items = new LiveItems<Item>();
    expect(items.isKnown).toBe(false);
    items.take(all({ id: 'a', n: 1 }, { id: 'b', n: 2 }));
    items.take(item('b', 3));
    items.take(item('c', 4));
    items.take({ type: 'gone', id: 'a' });
    items.take({ type: 'gone', id: 'never-there' });
    expect(items.all.map(({ id, n }) => `${id}${n}`)).toEqual(['b3', 'c4']);
    expect(items.get('a')).toBeNull();
    expect(items.isKnown).toBe(true);
  });

  it('and forgets what was there before a new beginning', () => {
    const items = new LiveItems<Item>();
    items.take(all({ id: 'a', n: 1 }));
    items.take(all({ id: 'b', n: 2 }));
    expect(items.ids).toEqual(['b']);
  });

  it('a change of one item updates only what shows that one', () => {
    const items = new LiveItems<Item>();
    items.take(all({ id: 'a', n: 1 }, { id: 'b', n: 2 }));
    using a = countRuns(() => items.get('a'));
    using b = countRuns(() => items.get('b'));
    using ids = countRuns(() => items.ids);
    items.take(item('b', 3));
    flushSync();
    expect([a.runs, b.runs, ids.runs]).toEqual([1, 2, 1]);
  });

  it('what is waited for is shown as soon as it comes', () => {
    const items = new LiveItems<Item>();
    items.take(all());
    using late = countRuns(() => items.get('late')?.n ?? null);
    items.take(item('late', 7));
    flushSync();
    expect(late.last).toBe(7);
  });
});
