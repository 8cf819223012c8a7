import { expect, it } from 'vitest';
import { benchEntries } from '../../../app/contract/entries/bench.ts';

const key = 'a'.repeat(64);
const order = {
  board: { presetId: 'btt-octopus', variantId: 'f446' },
  target: null,
  confirmed: true,
};
const isTaken = (bootloader: string | null, modes: readonly string[], application: string | null = key) =>
  benchEntries['bench.arm'].input.safeParse({ ...order, images: { bootloader, application }, modes }).success;

it('arms a recipe without a bootloader for boards that have one, and for none in DFU', () => {
  expect(isTaken(null, ['katapult', 'outdated-bridge'])).toBe(true);
  expect(isTaken(key, ['dfu', 'katapult'])).toBe(true);
  expect(isTaken(null, ['katapult', 'dfu'])).toBe(false);
});

it('arms none without an application, as a board is done when it runs', () => {
  expect(isTaken(key, ['dfu'], null)).toBe(false);
});
