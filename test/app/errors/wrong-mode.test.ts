import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../app/errors/next-step.ts';

const step = (surface: 'window' | 'terminal', details: Readonly<Record<string, string | number>>): string =>
  nextStep('device/wrong-mode', { surface, system: 'linux', details });

const ways = [
  ['katapult', 'can-bridge', /reset twice/, /"canopus flash".*reset twice/],
  ['katapult', 'klipper-serial', /reset twice/, /"canopus flash".*reset twice/],
  ['katapult', 'dfu', /jumper off/, /jumper off.*"canopus install-katapult"/],
  ['dfu', 'katapult', /BOOT0 jumper on/, /BOOT0 jumper on/],
  ['dfu', 'can-bridge', /BOOT0 jumper on/, /BOOT0 jumper on/],
  ['dfu', 'application', /BOOT0 jumper on/, /BOOT0 jumper on/],
] as const;

describe('a board in another mode', () => {
  it.each(ways)('gets the way to %s from %s', (wanted, mode, window, terminal) => {
    expect(step('window', { wanted, mode })).toMatch(window);
    expect(step('terminal', { wanted, mode })).toMatch(terminal);
  });

  it('is sent to DFU where it was asked for Katapult in vain', () => {
    expect(step('terminal', { wanted: 'katapult', mode: 'can-bridge', asked: 3 })).toMatch(/start from DFU/);
  });

  it('is asked for if it is not a board', () => {
    expect(step('terminal', { wanted: 'katapult', mode: 'unknown' })).toMatch(/"canopus boards"/);
  });
});
