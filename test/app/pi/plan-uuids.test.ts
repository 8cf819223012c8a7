import { describe, expect, it } from 'vitest';
import { withUuidNotes } from '../../../app/pi/plan-uuids.ts';
import { afterwards, bridgeUuid, planFor } from '../../fixtures/pi-facts.ts';

describe('a plan that writes a canbus_uuid', () => {
  const plan = planFor({});

  it('has a note where the UUID was only computed from the chip', () => {
    const { notes, steps } = withUuidNotes(plan, () => 'computed');
    expect(steps).toEqual(plan.steps);
    expect(notes.slice(0, -1)).toEqual(plan.notes);
    expect(notes.at(-1)).toMatchObject({ kind: 'note' });
    expect(notes.at(-1)?.text).toMatch(new RegExp(`${bridgeUuid}.*computed`));
  });

  it('claims nothing where the UUID was confirmed, or nothing is recorded of it', () => {
    for (const source of ['confirmed', null] as const) {
      expect(withUuidNotes(plan, () => source).notes).toEqual(plan.notes);
    }
  });

  it('has no note once printer.cfg has the UUID', () => {
    const again = planFor(afterwards({}, plan));
    expect(withUuidNotes(again, () => 'computed').notes).toEqual(again.notes);
  });
});
