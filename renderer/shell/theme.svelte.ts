export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'canopus.theme';

/** Light, dark or as the operating system has it; kept in the browser, as it belongs to the screen. */
export class ThemeState {
  current: Theme = $state('system');

  constructor() {
    const kept = localStorage.getItem(key);
    this.set(themes.find((theme) => theme === kept) ?? 'system');
  }

  set(theme: Theme): void {
    this.current = theme;
    localStorage.setItem(key, theme);
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }
}
