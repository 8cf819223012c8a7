import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planUpdate } from '../../../app/printer/plan.ts';
import { updateScopes } from '../../../app/printer/plan-types.ts';
import { mcuRoles, mcuVerdicts, type PrinterMcu } from '../../../app/printer/printer-mcu.ts';
import { cases } from '../../counts.ts';
import { boardMcu, bridgeMcu, hostMcu, mcuOf, surveyOf } from './mcus.ts';

const needed = { scope: 'needed' } as const;
const namesOf = (steps: readonly { readonly name: string }[]): string[] => steps.map(({ name }) => name);

const anyMcu = fc.record({
  role: fc.constantFrom(...mcuRoles),
  verdict: fc.constantFrom(...mcuVerdicts),
  isReached: fc.boolean(),
  isSeen: fc.boolean(),
});

const anySurvey = fc.array(anyMcu, { maxLength: 12 }).map((all) =>
  surveyOf(
    all.map(({ role, verdict, isReached, isSeen }, index) =>
      mcuOf({
        ...{ name: `mcu M${index}`, role, verdict },
        place: isSeen ? `pi:voron/usb:1-${index + 1}` : null,
        unreachable: isReached ? null : { reason: 'can-only', text: 'cannot be reached' },
      }),
    ),
  ),
);

describe('the plan of an update', () => {
  it('writes no bridge before any node or board, whatever the order of the survey', () => {
    fc.assert(
      fc.property(anySurvey, fc.constantFrom(...updateScopes), (survey, scope) => {
        const roles = planUpdate(survey, { scope }).steps.map(({ role }) => role);
        const firstBridge = roles.indexOf('bridge');
        const lastOther = roles.findLastIndex((role) => role !== 'bridge');
        expect(firstBridge === -1 || firstBridge > lastOther).toBe(true);
      }),
      { numRuns: cases(1000) },
    );
  });

  it('has every MCU once: written, or left with a reason', () => {
    fc.assert(
      fc.property(anySurvey, fc.constantFrom(...updateScopes), (survey, scope) => {
        const { steps, left } = planUpdate(survey, { scope });
        expect([...namesOf(steps), ...namesOf(left)].toSorted()).toEqual(namesOf(survey.mcus).toSorted());
      }),
      { numRuns: cases(300) },
    );
  });

  it('writes nothing that is not Klipper, not written here or out of reach, and never without a place', () => {
    fc.assert(
      fc.property(anySurvey, (survey) => {
        for (const { name, place, role } of planUpdate(survey, { scope: 'all' }).steps) {
          const mcu = survey.mcus.find((each) => each.name === name);
          expect(mcu?.unreachable).toBeNull();
          expect(['foreign', 'not-written-here']).not.toContain(mcu?.role);
          expect(place !== null || role === 'host-process').toBe(true);
        }
      }),
      { numRuns: cases(300) },
    );
  });

  it('goes nodes, boards, process, bridge, each in the order of printer.cfg', () => {
    const second = mcuOf({ name: 'mcu EBB2', place: 'pi:voron/can0/1e1a2b3c4d5e' });
    const { steps } = planUpdate(surveyOf([bridgeMcu, hostMcu, boardMcu, mcuOf(), second]), needed);
    expect(namesOf(steps)).toEqual(['mcu EBB', 'mcu EBB2', 'mcu MMU', 'mcu host', 'mcu']);
  });

  it.each<[string, (typeof updateScopes)[number], readonly PrinterMcu['verdict'][]]>([
    ['what Klipper refuses, and what is unknown', 'needed', ['must', 'unknown']],
    ['older code, too', 'newer', ['same-protocol', 'must', 'unknown']],
    ['all', 'all', ['same-code', 'same-protocol', 'must', 'unknown']],
  ])('writes %s', (_, scope, expected) => {
    const mcus = mcuVerdicts.map((verdict) => mcuOf({ name: `mcu ${verdict}`, verdict }));
    const { steps } = planUpdate(surveyOf(mcus), { scope });
    expect(namesOf(steps)).toEqual(expected.map((verdict) => `mcu ${verdict}`));
  });

  it('says which MCUs have no way back, and which need a hand', () => {
    const text = 'hold BOOT0 while you plug it in';
    const { oneWay, hands } = planUpdate(
      surveyOf([mcuOf({ former: null }), { ...boardMcu, hand: text }, bridgeMcu]),
      needed,
    );
    expect(oneWay).toEqual(['mcu EBB']);
    expect(hands).toEqual([{ name: 'mcu MMU', text }]);
  });

  it('is blocked by a print and by a hot end', () => {
    const { blockers } = planUpdate(
      surveyOf([bridgeMcu], {
        busy: { code: 'pi/printing', text: 'the printer is printing' },
        hot: [
          { name: 'extruder', temperature: 180.4, target: 0 },
          { name: 'heater_bed', temperature: 30, target: 60 },
        ],
      }),
      needed,
    );
    expect(blockers).toEqual([
      { code: 'pi/printing', text: 'the printer is printing' },
      { code: 'printer/hot', text: 'extruder still has 180 °C; heater_bed is set to 60 °C' },
    ]);
  });

  it('is not blocked when nothing is left to do', () => {
    const busy = { code: 'pi/printing', text: 'the printer is printing' } as const;
    const { blockers } = planUpdate(surveyOf([mcuOf({ verdict: 'same-code' })], { busy }), needed);
    expect(blockers).toEqual([]);
  });
});

describe('the headline of an update', () => {
  const same = (name: string): PrinterMcu => mcuOf({ name, verdict: 'same-code' });
  const absent = { reason: 'can-only', text: 'has only CAN' } as const;
  it.each<[string, readonly PrinterMcu[]]>([
    ['Klipper of this printer names no MCU.', []],
    ['The only MCU does not need it.', [same('mcu')]],
    ['None of the 2 MCUs needs it.', [same('mcu'), same('mcu EBB')]],
    [
      '3 of 5 MCUs need it; about a minute; the printer stops meanwhile; nothing to press.',
      [bridgeMcu, mcuOf(), boardMcu, same('mcu A'), same('mcu B')],
    ],
    [
      'The only MCU needs it; less than a minute; the printer stops meanwhile; it needs your hand.',
      [{ ...bridgeMcu, hand: 'hold BOOT0' }],
    ],
    ['1 of 2 MCUs needs it; it cannot be reached.', [same('mcu'), mcuOf({ unreachable: absent })]],
    [
      '2 of 2 MCUs need it; 1 of them cannot be reached; less than a minute; the printer stops meanwhile; nothing to press.',
      [bridgeMcu, mcuOf({ unreachable: absent })],
    ],
  ])('%s', (headline, mcus) => {
    expect(planUpdate(surveyOf(mcus), needed).headline).toBe(headline);
  });
});
