import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { errorTexts } from '../../../app/error-texts.ts';
import { errorCodes } from '../../../app/errors.ts';
import ErrorNotice from '../../../renderer/ui/ErrorNotice.svelte';

it.each(errorCodes)('%s is shown with a title, what happened and a next step', (code) => {
  render(ErrorNotice, { error: { code, message: 'What happened here.', state: null } });
  const words = screen.getByRole('alert').textContent;
  for (const part of [errorTexts[code].title, 'What happened here.', errorTexts[code].next, code]) {
    expect(words).toContain(part);
  }
});
