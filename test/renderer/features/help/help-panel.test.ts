import { render, screen, within } from '@testing-library/svelte';
import { afterEach, describe, expect, it } from 'vitest';
import HelpPanel from '../../../../renderer/features/help/HelpPanel.svelte';
import { pages } from '../../../../renderer/navigation/pages.ts';
import { Router } from '../../../../renderer/navigation/router.svelte.ts';
import { shortcuts } from '../../../../renderer/navigation/shortcuts.ts';
import { ScriptedStation } from '../../scripted-station.ts';
import { texts } from '../../../../renderer/texts/en.ts';

afterEach(() => {
  location.hash = '';
});

function helpAt(address: string) {
  location.hash = address;
  render(HelpPanel, { station: new ScriptedStation({}).state, router: new Router() });
}

describe('help', () => {
  it.each(pages.filter((page) => page !== 'help'))('has a topic about the screen "%s"', (page) => {
    helpAt(`#/help/${page}`);
    const article = screen.getByRole('article', { name: texts.pages[page] });
    expect(within(article).getAllByRole('heading', { level: 3 }).length).toBeGreaterThan(0);
    expect(screen.getByRole('link', { name: texts.pages[page] }).getAttribute('aria-current')).toBe('page');
  });

  it('lists every shortcut', () => {
    helpAt('#/help/shortcuts');
    for (const { keys } of Object.values(shortcuts)) expect(screen.getByText(keys)).toBeTruthy();
  });

  it('explains the words of the field', () => {
    helpAt('#/help/words');
    for (const word of ['BOOT0', 'DFU', 'canbus_uuid']) expect(screen.getByText(word)).toBeTruthy();
  });

  it('begins with the bench where the address names no topic it knows', () => {
    helpAt('#/help/nonsense');
    expect(screen.getByRole('article', { name: texts.pages.bench })).toBeTruthy();
  });
});
