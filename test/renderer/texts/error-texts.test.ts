import { expect, it } from 'vitest';
import { allSteps } from '../../app/errors/all-steps.ts';
import { texts } from '../../../renderer/texts/en.ts';

/** What stands in quotes and is no part of the window. */
const elsewhere = new Set([
  'STM32 BOOTLOADER',
  'RP2 Boot (Interface 1)',
  'USB to CAN bus bridge',
  'USB (on PA11/PA12)',
  'GENERIC_03',
  'ip',
]);

function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(wordsOf) : [];
}

it('a next step names only buttons, fields and tabs that the window has', () => {
  const known = new Set(wordsOf(texts));
  const named = allSteps
    .filter(({ surface }) => surface === 'window')
    .flatMap(({ code, text }) => [...text.matchAll(/"([^"]+)"/g)].map(([, words = '']) => ({ code, words })));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter(({ words }) => !elsewhere.has(words) && !known.has(words))).toEqual([]);
});
