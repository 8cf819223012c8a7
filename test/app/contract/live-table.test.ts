import { describe, expect, it } from 'vitest';
import { LiveTable } from '../../../app/contract/live-table.ts';

interface Row {
  readonly id: string;
  readonly n: number;
}

const row = (id: string, n: number): Row => ({ id, n });

describe('a live table', () => {
  it('is sent whole first, then change by change', async () => {
    const table = new LiveTable<Row>();
    table.set(row('a', 1));
    const events = table.follow(new AbortController().signal);
    expect((await events.next()).value).toEqual({ type: 'all', items: [row('a', 1)] });
    table.set(row('b', 1));
    expect((await events.next()).value).toEqual({ type: 'item', item: row('b', 1) });
    const next = events.next();
    table.delete('a');
    expect((await next).value).toEqual({ type: 'gone', id: 'a' });
    await events.return();
  });

  it('sends a slow follower the newest value of each id once', async () => {
    const table = new LiveTable<Row>();
    const events = table.follow(new AbortController().signal);
    await events.next();
    for (let n = 1; n <= 1000; n++) for (const id of ['a', 'b']) table.set(row(id, n));
    expect((await events.next()).value).toEqual({ type: 'item', item: row('a', 1000) });
    expect((await events.next()).value).toEqual({ type: 'item', item: row('b', 1000) });
    const next = events.next();
    table.set(row('c', 1));
    expect((await next).value).toEqual({ type: 'item', item: row('c', 1) });
    await events.return();
  });

  it('serves each id in turn, so that a busy one does not hide the others', async () => {
    const table = new LiveTable<Row>();
    const events = table.follow(new AbortController().signal);
    await events.next();
    table.set(row('busy', 1));
    table.set(row('quiet', 1));
    await events.next();
    table.set(row('busy', 2));
    expect((await events.next()).value).toMatchObject({ item: { id: 'quiet' } });
    await events.return();
  });

  it('lets its followers end', async () => {
    const controller = new AbortController();
    const events = new LiveTable<Row>().follow(controller.signal);
    await events.next();
    const next = events.next();
    controller.abort();
    expect((await next).done).toBe(true);
  });
});
