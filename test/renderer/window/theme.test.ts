import { beforeEach, describe, expect, it } from 'vitest';
import { ThemeState } from '../../../renderer/navigation/theme.svelte.ts';

const shown = (): string | undefined => document.documentElement.dataset['theme'];

beforeEach(() => localStorage.clear());

describe('the colours', () => {
  it('follow the system until a person chooses', () => {
    expect(new ThemeState().current).toBe('system');
    expect(shown()).toBeUndefined();
  });

  it('are kept for the next time', () => {
    new ThemeState().set('dark');
    expect(shown()).toBe('dark');
    expect(new ThemeState().current).toBe('dark');
    new ThemeState().set('system');
    expect(shown()).toBeUndefined();
  });

  it('are as the system has them where what was kept is nonsense', () => {
    localStorage.setItem('canopus.theme', 'plaid');
    expect(new ThemeState().current).toBe('system');
  });
});
