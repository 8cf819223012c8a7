import { fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import ConfirmedButton from '../../../renderer/ui/ConfirmedButton.svelte';

function show(): ReturnType<typeof vi.fn> {
  const confirm = vi.fn();
  const children = createRawSnippet(() => ({ render: () => '<span>Remove</span>' }));
  render(ConfirmedButton, {
    props: {
      question: 'Remove voron?',
      text: 'Nothing changes there.',
      yes: 'Remove it',
      no: 'Keep it',
      confirm,
      children,
    },
  });
  return confirm;
}

const press = (name: string): Promise<unknown> => fireEvent.click(screen.getByRole('button', { name }));

describe('a button whose work cannot be taken back', () => {
  it('asks first', async () => {
    const confirm = show();
    await press('Remove');
    screen.getByRole('dialog', { name: 'Remove voron?', description: 'Nothing changes there.' });
    expect(confirm).not.toHaveBeenCalled();
    await press('Remove it');
    expect(confirm).toHaveBeenCalledOnce();
    expect(screen.queryByRole('dialog')).toBeNull();
  });

  it('does nothing if that is declined', async () => {
    const confirm = show();
    await press('Remove');
    await press('Keep it');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(confirm).not.toHaveBeenCalled();
  });
});
