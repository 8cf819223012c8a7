import { isPage, type Page } from './pages.ts';
import type { Router } from './router.svelte.ts';

/**
 * Shortcuts of the window itself. Keys that browsers and screen readers leave alone: the window also runs in a browser,
 * where Ctrl and a digit changes its tab. The desktop's menu has others beside these.
 */
export const shortcuts = {
  help: { keys: 'F1', code: 'F1', isPlain: true },
  bench: { keys: 'Alt+Shift+1', code: 'Digit1', isPlain: false },
  firmware: { keys: 'Alt+Shift+2', code: 'Digit2', isPlain: false },
  pi: { keys: 'Alt+Shift+3', code: 'Digit3', isPlain: false },
  history: { keys: 'Alt+Shift+4', code: 'Digit4', isPlain: false },
  settings: { keys: 'Alt+Shift+5', code: 'Digit5', isPlain: false },
} as const satisfies Partial<Record<Page, { keys: string; code: string; isPlain: boolean }>>;

export type ShortcutAction = keyof typeof shortcuts;

type Keys = Pick<KeyboardEvent, 'code' | 'altKey' | 'shiftKey' | 'ctrlKey' | 'metaKey'>;

/** What a key press asks for; null for every other one. */
export function actionOf({ code, altKey, shiftKey, ctrlKey, metaKey }: Keys): ShortcutAction | null {
  if (ctrlKey || metaKey) return null;
  for (const [action, shortcut] of Object.entries(shortcuts)) {
    const fits = shortcut.isPlain ? !altKey && !shiftKey : altKey && shiftKey;
    if (shortcut.code === code && fits) return action as ShortcutAction;
  }
  return null;
}

/** Goes where a key press says. A dialog keeps the keyboard to itself. */
export function followShortcut(event: KeyboardEvent, router: Router): void {
  const action = actionOf(event);
  if (action === null || event.defaultPrevented || document.querySelector('dialog[open]') !== null) return;
  event.preventDefault();
  if (action === 'help') router.go('help', helpTopicOf(router.page));
  else router.go(action);
}

/** The topic about a screen. */
export function helpTopicOf(page: string): Page | undefined {
  return isPage(page) && page !== 'help' ? page : undefined;
}
