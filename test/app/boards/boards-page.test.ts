import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadPresets } from '../../../main/presets.ts';
import { pageWithBoards } from './boards-page.ts';

const page = () => readFile(new URL('../../../docs/boards.md', import.meta.url), 'utf8');

describe('docs/boards.md', () => {
  it('says of each board what its preset says; a new one waits for `npm run format`', async () => {
    const text = await page();
    const shown = (await loadPresets()).filter(({ name }) => text.includes(`\n### ${name}\n`));
    expect(shown).not.toEqual([]);
    expect(text).toBe(pageWithBoards(text, shown));
  });

  it('says for which version a hazard is stated', async () => {
    const presets = await loadPresets();
    const withHazards = presets.filter(({ hazards }) => (hazards.value ?? []).length > 0);
    expect(withHazards).not.toEqual([]);
    const text = pageWithBoards(await page(), presets);
    for (const hazard of withHazards.flatMap(({ hazards }) => hazards.value ?? []))
      expect(text).toContain(`${hazard.text} Stated for ${hazard.statedFor}`);
  });

  it('keeps what a person wrote around the boards', async () => {
    const text = await page();
    const empty = pageWithBoards(text, []);
    const headings = (page: string, level: string) =>
      page.split('\n').filter((line) => line.startsWith(`${level} `));
    expect(headings(empty, '##')).toEqual(headings(text, '##'));
    expect(headings(empty, '###')).toEqual([]);
    expect(pageWithBoards(empty, await loadPresets())).toBe(pageWithBoards(text, await loadPresets()));
  });
});
