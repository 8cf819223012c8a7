import { describe, expect, it } from 'vitest';
import { canbusUuidSources } from '../../../app/boards/canbus-uuid-source.ts';
import { boardStateTable } from '../../../app/errors/left-states.ts';
import { boardStates } from '../../../app/errors.ts';
import { labelOfRun } from '../../../app/labels/label-content.ts';
import { sampleRun } from '../history/sample-run.ts';

describe('the label of a run', () => {
  it.each(boardStates)('says what the run left the board as (%s)', (state) => {
    const label = labelOfRun(sampleRun({ state }), null);
    expect(label?.lines.at(-1)).toBe(`2026-05-04, ${boardStateTable[state].title}`);
  });

  it('names only what was read back', () => {
    const run = sampleRun();
    const images = run.images.map((image) => ({ ...image, result: 'partial' as const }));
    expect(labelOfRun({ ...run, images }, null)?.lines).toHaveLength(1);
  });

  it.each(canbusUuidSources)('says where its UUID is known from (%s)', (canbusUuidSource) => {
    expect(labelOfRun(sampleRun({ canbusUuidSource }), null)).toMatchObject({ canbusUuidSource });
  });

  it('is not made if the chip never reported its UID', () => {
    expect(labelOfRun(sampleRun({ uid: null, canbusUuid: null }), null)).toBeNull();
  });
});
