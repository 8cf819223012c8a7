import { waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { pages } from '../../../renderer/navigation/pages.ts';
import { href, Router } from '../../../renderer/navigation/router.svelte.ts';
import { screens } from '../../../renderer/window/screens.ts';

afterEach(() => {
  location.hash = '';
});

describe('where the window is', () => {
  it('is in the address, so that a reload comes back to it', () => {
    location.hash = '#/flow/3';
    const router = new Router();
    expect([router.page, router.argument]).toEqual(['flow', '3']);
  });

  it('is the bench where the address says nothing', () => {
    expect(new Router().page).toBe('bench');
    expect(new Router().argument).toBeNull();
  });

  it('follows the back button', async () => {
    const router = new Router();
    router.go('history', 'a run/with a slash');
    await waitFor(() => expect(router.page).toBe('history'));
    expect(router.argument).toBe('a run/with a slash');
    history.back();
    await waitFor(() => expect(router.page).toBe('bench'));
  });

  it('survives a mangled address', () => {
    location.hash = '#/flow/%E0%A4%A';
    expect(new Router().page).toBe('flow');
  });

  it('is written as links have it', () => {
    expect(href('bench')).toBe('#/bench');
    expect(href('flow', 'a b')).toBe('#/flow/a%20b');
  });
});

describe('the table of screens', () => {
  it('has each page once, and the bench first', () => {
    const listed = screens.map(({ page }) => page);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed[0]).toBe('bench');
    for (const page of listed) expect(pages).toContain(page);
  });

  it.each(screens.map(({ page, load }) => [page, load] as const))('%s can be loaded', async (_, load) => {
    expect((await load()).default).toBeTypeOf('function');
  });
});
