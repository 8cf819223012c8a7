import { describe, expect, it } from 'vitest';
import { chipSightOf } from '../../../app/chip/fitting-boards.ts';
import { loadPresets } from '../../../main/presets.ts';
import { foreignRoms, parts } from './chip-parts.ts';

const presets = await loadPresets();
const refs = (facts: Parameters<typeof chipSightOf>[0]): string[] =>
  chipSightOf(facts, presets).fits.map(({ presetId, variantId }) => `${presetId}:${variantId}`);

describe('the boards for a chip in DFU', () => {
  it('are those that are sold with an F446, by every fact and hint', () => {
    expect(chipSightOf(parts.F446, presets)).toMatchObject({ flashKiB: 512, chips: ['STM32F446'] });
    const fits = refs(parts.F446);
    expect(fits).toEqual(
      expect.arrayContaining(['btt-octopus:f446', 'btt-octopus-pro-1.0:f446', 'fysetc-spider-2:f446']),
    );
    expect(fits.filter((reference) => /f407|f429|h723|g0b1/.test(reference))).toEqual([]);
  });

  it('may be several chips where nothing tells them apart', () => {
    const { chips } = chipSightOf(parts['F407-1024'], presets);
    expect(chips).toContain('STM32F407');
    expect(chips).toContain('STM32F405');
    expect(refs(parts['F407-1024'])).toContain('btt-octopus:f407');
  });

  it('leave out a variant whose marking states another size', () => {
    expect(refs(parts['F429-2048'])).not.toContain('btt-octopus:f429');
    expect(refs(parts['F429-1024'])).toContain('btt-octopus:f429');
  });

  it('are none for a chip of another maker', () => {
    expect(chipSightOf(foreignRoms.GD32, presets)).toEqual({ flashKiB: 1024, chips: [], fits: [] });
  });
});
