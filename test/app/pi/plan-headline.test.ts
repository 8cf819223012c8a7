import { describe, expect, it } from 'vitest';
import { planHeadline } from '../../../app/pi/plan-headline.ts';
import type { PlanView } from '../../../app/pi/plan-view.ts';

type Step = PlanView['steps'][number];

const why = { reason: 'why', asRoot: true };
const file = (before: string | null, after: string | null): Step => ({
  ...why,
  ...{ kind: 'file', path: '/etc/x', before, after },
});
const command: Step = { ...why, kind: 'command', argv: ['ip', 'link'] };
const restart = (name?: string): Step => ({
  ...why,
  ...{ kind: 'klipper', via: 'moonraker', unit: null },
  ...(name === undefined ? {} : { printer: { name, folder: null } as never }),
});

describe('the headline of a plan', () => {
  it.each<[string, readonly Step[]]>([
    ['', []],
    ['1 new file.', [file(null, 'a')]],
    [
      '2 new files, 1 changed file, and 1 removed file.',
      [file(null, 'a'), file('a', 'b'), file(null, 'c'), file('a', null)],
    ],
    ['1 changed file and 2 commands. Klipper restarts.', [command, file('a', 'b'), command, restart()]],
    ['1 changed file. Klipper of voron restarts.', [file('a', 'b'), restart('voron')]],
    ['Klipper of a and Klipper of b restart.', [restart('a'), restart('b')]],
  ])('is "%s"', (headline, steps) => {
    expect(planHeadline(steps)).toBe(headline);
  });
});
