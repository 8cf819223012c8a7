import { describe, expect, it } from 'vitest';
import { flashParts } from '../../../../renderer/features/flow/flash-parts.ts';

const places = (...input: Parameters<typeof flashParts>): string[] =>
  flashParts(...input).map(({ id, place }) => `${id} ${place}`);

describe('what happens in a flash job', () => {
  it('of a bare board has the jumper between its two halves', () => {
    expect(places({ step: 'install-katapult', ask: null })).toEqual([
      'install-katapult now',
      'remove-jumper ahead',
      'install-klipper ahead',
      'done ahead',
    ]);
    expect(places({ step: 'install-katapult', ask: 'remove-jumper' })).toEqual([
      'install-katapult behind',
      'remove-jumper now',
      'install-klipper ahead',
      'done ahead',
    ]);
  });

  it('of a bridge asks for no hands', () => {
    const parts = flashParts({ step: 'enter-katapult', ask: null });
    expect(parts.some(({ isByHand }) => isByHand)).toBe(false);
    expect(parts[0]?.place).toBe('now');
  });

  it('claims nothing before the board was looked at', () => {
    expect(flashParts({ step: null, ask: null })).toEqual([]);
  });
});
