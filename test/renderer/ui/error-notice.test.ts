import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import { errorCodes } from '../../../app/errors.ts';
import { errorTable } from '../../../app/errors/error-table.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import { systems } from '../../../app/system.ts';
import { stationSystemContext } from '../../../renderer/ui/advice.ts';
import ErrorNotice from '../../../renderer/ui/ErrorNotice.svelte';

it.each(errorCodes)('%s is shown with a title, what happened and the next step for the station', (code) => {
  for (const system of systems) {
    const { unmount } = render(ErrorNotice, {
      props: { error: { code, message: 'What happened here.', state: null } },
      context: stationSystemContext(system),
    });
    const words = screen.getByRole('alert').textContent;
    const next = nextStep(code, { surface: 'window', system });
    for (const part of [errorTable[code].title, 'What happened here.', next, code]) {
      expect(words).toContain(part);
    }
    unmount();
  }
});
