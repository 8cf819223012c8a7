import { expect, it } from 'vitest';
import { CanopusError } from '../../../app/errors.ts';
import { Asking } from '../../../renderer/station/asking.svelte.ts';

it('is busy while the station works, and returns its result', async () => {
  const asking = new Asking();
  const run = asking.run(() => Promise.resolve(7));
  expect(asking.isBusy).toBe(true);
  expect(await run).toBe(7);
  expect(asking.isBusy).toBe(false);
});

it('keeps a failure to be shown until the next try', async () => {
  const asking = new Asking();
  const refusal = new CanopusError('link/busy', 'in use');
  expect(await asking.run(() => Promise.reject(refusal))).toBeNull();
  expect(asking.error?.code).toBe('link/busy');
  expect(asking.isBusy).toBe(false);
  await asking.run(() => Promise.resolve());
  expect(asking.error).toBeNull();
});
