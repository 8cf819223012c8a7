import fc from 'fast-check';
import { expect, it } from 'vitest';

it('draws the same cases in every run, as the other projects do', () => {
  expect(fc.readConfigureGlobal().seed).toBe(Number(process.env['FC_SEED'] ?? 20_261_126));
});
