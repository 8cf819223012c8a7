import { describe, expect, it } from 'vitest';
import { boardStateTable, stateText } from '../../../app/errors/left-states.ts';
import { boardStates } from '../../../app/errors.ts';
import { reportPage } from '../../../app/history/report.ts';
import { runColumns, runRow } from '../../../app/history/run-columns.ts';
import { sampleRun } from './sample-run.ts';

const escaped = (text: string): string => text.replace(/'/g, '&#39;');

function report(run: ReturnType<typeof sampleRun>): string {
  return reportPage({
    runs: [run],
    about: 'today',
    madeAt: '2026-05-04T10:00:00.000Z',
    system: 'linux',
    presetNames: new Map(),
    isCut: false,
  });
}

describe('a run that ended in a running bridge', () => {
  it('says so in the table for other programs', () => {
    expect(runRow(sampleRun())).toMatchObject({ outcome: 'done', left_as: 'running-bridge' });
  });

  it('says so in the report', () => {
    expect(report(sampleRun())).toContain(escaped(boardStateTable['running-bridge'].title));
  });
});

describe('a canbus_uuid that was only computed', () => {
  const computed = sampleRun({ canbusUuidSource: 'computed' });

  it('is called so in the report, and no other is', () => {
    expect(report(computed)).toMatch(/6beb0175188a<\/code> <small>computed</);
    for (const canbusUuidSource of ['confirmed', null] as const) {
      expect(report(sampleRun({ canbusUuidSource }))).not.toContain('computed');
    }
  });

  it('has its source in the table for other programs, empty where it was not recorded', () => {
    expect(runRow(computed)).toMatchObject({ canbus_uuid_source: 'computed' });
    expect(runRow(sampleRun({ canbusUuidSource: null }))).toMatchObject({ canbus_uuid_source: '' });
    expect(runColumns.at(-1)).toBe('canbus_uuid_source');
  });
});

describe('the words for what a board is left as', () => {
  it.each(boardStates)('stand in the report of every run, done or not (%s)', (state) => {
    expect(report(sampleRun({ state }))).toContain(escaped(boardStateTable[state].title));
  });

  it('never deny that it was seen running where it was', () => {
    for (const state of boardStates.filter((known) => known.startsWith('running-'))) {
      expect(`${boardStateTable[state].title} ${stateText(state, 'window')}`, state).not.toMatch(/not seen/);
    }
  });
});

describe('the images of a report', () => {
  it('are those that were written', () => {
    const run = sampleRun();
    const [katapult, klipper] = run.images;
    const kept = { ...katapult!, result: 'not-written' as const };
    const page = report({ ...run, images: [kept, klipper!] });
    expect(page).toContain(klipper!.sha256);
    expect(page).not.toContain(kept.sha256);
  });
});
