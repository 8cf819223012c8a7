import { fireEvent, render, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import DiffView from '../../../../renderer/features/pi/DiffView.svelte';
import { texts } from '../../../../renderer/texts/en.ts';

const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
const before = `${lines.join('\n')}\n`;
const after = before.replace('line 10', 'line ten');

describe('the difference of a file', () => {
  it('is a table with a name, and says in words what is removed and what is added', () => {
    render(DiffView, { path: '/etc/a', before, after });
    const table = screen.getByRole('table', { name: /\/etc\/a: lines: 1 removed, 1 added/ });
    expect(table.textContent).toContain(`${texts.pi.lineOut} line 10`);
    expect(table.textContent).toContain(`${texts.pi.lineIn} line ten`);
  });

  it('folds what is far from any difference, and shows it on demand', async () => {
    render(DiffView, { path: '/etc/a', before, after });
    expect(screen.queryAllByText('line 0')).toHaveLength(0);
    await fireEvent.click(screen.getByRole('button', { name: new RegExp(texts.pi.unchanged(7)) }));
    expect(screen.getAllByText('line 0')).toHaveLength(2);
  });

  it('says so where nothing differs', () => {
    render(DiffView, { path: '/etc/a', before, after: before });
    screen.getByText(texts.pi.noDifference);
  });
});
