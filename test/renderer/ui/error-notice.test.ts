import { render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import type { ErrorCode } from '../../../app/errors.ts';
import { errorTable } from '../../../app/errors/error-table.ts';
import { stateText } from '../../../app/errors/left-states.ts';
import { nextStep } from '../../../app/errors/next-step.ts';
import { systems, type System } from '../../../app/system.ts';
import { stationSystemContext } from '../../../renderer/ui/advice.ts';
import ErrorNotice from '../../../renderer/ui/ErrorNotice.svelte';

function noticeOf(code: ErrorCode, system: System | null, details = {}): string {
  const error = { code, message: 'What happened here.', details, state: 'untouched' } as const;
  const context = system === null ? new Map<unknown, unknown>() : stationSystemContext(system);
  render(ErrorNotice, { props: { error }, context });
  return screen.getByRole('alert').textContent;
}

it.each(systems)(
  'shows a title, what happened, the state and the next step for a station on %s',
  (system) => {
    const words = noticeOf('link/access', system);
    const next = nextStep('link/access', { surface: 'window', system });
    const state = stateText('untouched', 'window');
    const { title } = errorTable['link/access'];
    for (const part of [title, 'What happened here.', state, next, 'link/access'])
      expect(words).toContain(part);
  },
);

it('goes by the details of the error', () => {
  const details = { device: 'bridge' };
  const next = nextStep('link/no-driver', { surface: 'window', system: 'win32', details });
  expect(noticeOf('link/no-driver', 'win32', details)).toContain(next);
});

it('shows a step that is the same on all systems also before the station has sent its own', () => {
  const next = nextStep('dfu/device-error', { surface: 'window', system: 'linux' });
  expect(noticeOf('dfu/device-error', null)).toContain(next);
});

it('gives no advice for a system that it can only guess', () => {
  const words = noticeOf('link/access', null);
  for (const system of systems) {
    expect(words).not.toContain(nextStep('link/access', { surface: 'window', system }));
  }
});
