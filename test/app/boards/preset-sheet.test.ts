import { describe, expect, it } from 'vitest';
import { loadPresets } from '../../../main/presets.ts';
import { presetSheet } from './preset-sheet.ts';

describe('the sheet of all presets', async () => {
  const presets = await loadPresets();
  const rows = presetSheet(presets, 'markdown').trimEnd().split('\n');

  it('has a row for each chip of each board', () => {
    expect(rows).toHaveLength(2 + presets.flatMap(({ variants }) => variants).length);
    expect(new Set(rows.map((row) => row.split(' | ').length)).size).toBe(1);
  });

  it('says the source of a value, marks an unconfirmed one, and has a dash for one that no source states', () => {
    const row = (id: string) => rows.find((each) => each.startsWith(`| ${id} |`)) ?? '';
    expect(row('btt-octopus:f446')).toContain('| 12 MHz [klipper-config, btt-klipper] |');
    expect(row('fysetc-s6:f446')).toContain('| PD0/PD1? [klipper-config, fysetc-readme] |');
    expect(row('btt-skr-2:f407')).toContain(
      '| - [btt-schematic, klipper-config], open: PB8/PB9 or PB12/PB13? [klipper-config] |',
    );
  });

  it('is CSV, too', () => {
    const [head = '', ...lines] = presetSheet(presets, 'csv').trimEnd().split('\n');
    expect(head).toMatch(/^"preset","board",/);
    expect(lines).toHaveLength(rows.length - 2);
  });
});
