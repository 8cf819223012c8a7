import { describe, expect, it } from 'vitest';
import { nextStep } from '../../../../app/errors/next-step.ts';
import type { Check } from '../../../../app/pi/check.ts';
import type { Rebuild } from '../../../../app/pi/recorded-board.ts';
import { showCheck } from '../../../../main/hosts/cli/show-pi.ts';

const rebuild: Rebuild = {
  ...{ what: '[mcu]', canbusUuid: '6beb0175188a', bitrateBps: 500_000 },
  ...{ presetId: 'btt-octopus', variantId: 'f446' },
};
const check: Check = {
  ...{ id: 'rates', question: 'The same?', verdict: 'wrong', answer: 'No.', why: 'It matters.' },
  fix: { kind: 'hands', text: 'Build it.' },
};

describe('a check on the command line', () => {
  it('gives the command that builds a board for another bit rate', () => {
    expect(showCheck({ ...check, rebuilds: [rebuild] }, 'pi@voron')).toContain(
      'canopus flash --preset btt-octopus:f446 --katapult build --klipper build:pi:pi@voron --bitrate 500000',
    );
    const unknown = { ...rebuild, presetId: null, variantId: null };
    expect(showCheck({ ...check, rebuilds: [unknown] }, 'pi@voron')).toMatch(
      /--preset BOARD .*"canopus presets"/,
    );
  });

  it('is followed by the same command where a rate is refused, if the board is on record', () => {
    const reader = { surface: 'terminal', system: 'linux' } as const;
    const details = { wished: 500_000, preset: 'btt-octopus:f446' };
    expect(nextStep('pi/rate-compiled-in', { ...reader, details })).toContain(
      '--preset btt-octopus:f446 --katapult build --klipper build:pi:USER@HOST --bitrate 500000',
    );
    expect(nextStep('pi/rate-compiled-in', reader)).toContain('canopus build --bitrate');
  });
});
