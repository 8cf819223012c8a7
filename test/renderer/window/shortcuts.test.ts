import { waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import { Router } from '../../../renderer/navigation/router.svelte.ts';
import { actionOf, followShortcut, shortcuts } from '../../../renderer/navigation/shortcuts.ts';

const plain = { altKey: false, shiftKey: false, ctrlKey: false, metaKey: false };

afterEach(() => {
  location.hash = '';
  document.body.replaceChildren();
});

describe('a shortcut', () => {
  it('is F1 for help, and Alt and Shift with a digit for a screen, wherever the digit is on the keyboard', () => {
    expect(actionOf({ ...plain, code: 'F1' })).toBe('help');
    expect(actionOf({ ...plain, code: 'Digit3', altKey: true, shiftKey: true })).toBe('pi');
  });

  it.each([
    { ...plain, code: 'Digit1' },
    { ...plain, code: 'Digit1', altKey: true },
    { ...plain, code: 'Digit1', shiftKey: true },
    { ...plain, code: 'Digit1', altKey: true, shiftKey: true, ctrlKey: true },
    { ...plain, code: 'F1', metaKey: true },
    { ...plain, code: 'F1', shiftKey: true },
    { ...plain, code: 'KeyA', altKey: true, shiftKey: true },
  ])('is nothing that a person types, or that a browser uses: %j', (keys) => {
    expect(actionOf(keys)).toBeNull();
  });

  it('has its own keys', () => {
    const keys = Object.values(shortcuts).map((shortcut) => shortcut.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('a pressed shortcut', () => {
  it('opens the topic about the screen one is on', async () => {
    location.hash = '#/history';
    const router = new Router();
    const event = new KeyboardEvent('keydown', { code: 'F1', cancelable: true });
    followShortcut(event, router);
    expect(event.defaultPrevented).toBe(true);
    await waitFor(() => expect([router.page, router.argument]).toEqual(['help', 'history']));
  });

  it('changes the screen', async () => {
    const router = new Router();
    followShortcut(
      new KeyboardEvent('keydown', { code: 'Digit2', altKey: true, shiftKey: true, cancelable: true }),
      router,
    );
    await waitFor(() => expect(router.page).toBe('firmware'));
  });

  it('does nothing behind an open dialog', () => {
    const dialog = document.createElement('dialog');
    dialog.setAttribute('open', '');
    document.body.append(dialog);
    const event = new KeyboardEvent('keydown', { code: 'F1', cancelable: true });
    followShortcut(event, new Router());
    expect(event.defaultPrevented).toBe(false);
  });
});
