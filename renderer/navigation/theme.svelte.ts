import { themes, type Theme } from '../../app/settings/settings.ts';

const key = 'canopus.theme';

/**
 * Light, dark or the operating system's theme. The station's settings decide; the browser keeps their last
 * value too, so that the page has its colours before it is connected.
 */
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
