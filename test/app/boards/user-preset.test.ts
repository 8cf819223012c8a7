import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parsePreset } from '../../../app/boards/preset.ts';
import { maxPresetBytes, parseUserPreset, refuseTaken } from '../../../app/boards/user-preset.ts';
import { codeOf } from '../../error-code.ts';
import { errorDetails } from '../../fixtures/error-details.ts';

const text = readFileSync('resources/boards/btt-octopus.json', 'utf8');
const octopus = parsePreset('btt-octopus.json', text);

/** The Octopus as a board of one's own, with some of it changed. */
function own(changes: Record<string, unknown> = {}): string {
  const json = JSON.parse(text) as Record<string, unknown>;
  return JSON.stringify({ ...json, id: 'my-board', name: 'My board', aliases: [], ...changes });
}

describe('a preset that a person brings', () => {
  it('is read from a file of any name, with or without a byte order mark', () => {
    expect(parseUserPreset('Kopie (2) von board.json', own()).id).toBe('my-board');
    expect(parseUserPreset('board.json', `\ufeff${own()}`).id).toBe('my-board');
  });

  it.each<[string, string, string]>([
    ['is huge', `"${'x'.repeat(maxPresetBytes)}"`, ''],
    ['is deep', `${'['.repeat(40)}${']'.repeat(40)}`, ''],
    ['is deeper than any stack', '[{"a":'.repeat(10_000), ''],
    ['is not JSON', 'id: my-board', ''],
    ['has a field that there is not', own({ speed: 1 }), ''],
    ['has a prototype', own().replace('{', '{"__proto__":{"isUsers":true},'), ''],
    ['says itself whose it is', own({ isUsers: true }), ''],
    ['leaves its folder', own({ id: '../../etc/passwd' }), 'id'],
    ['is called like a device of Windows', own({ id: 'com1' }), 'id'],
    ['is called like one with a suffix', own({ id: 'nul.board' }), 'id'],
    ['has an endless name', own({ id: 'a'.repeat(61) }), 'id'],
    ['sends escapes to a terminal', own({ name: 'My\u001b[2Jboard' }), 'name'],
    ['turns text round', own({ name: 'My \u202edraob' }), 'name'],
  ])('is refused if it %s, naming the field', (_what, content, field) => {
    const details = errorDetails(() => parseUserPreset('board.json', content));
    expect(details).toEqual({ code: 'preset/invalid', file: 'board.json', field });
  });

  it('does not count brackets in text as depth', () => {
    expect(parseUserPreset('board.json', own({ name: `${'['.repeat(50)} \\"{` })).id).toBe('my-board');
  });

  it.each<[string, Record<string, unknown>]>([
    ['the id', { id: 'btt-octopus' }],
    ['an alias', { aliases: ['Octopus'] }],
    ['an id that is its alias', { id: 'octopus' }],
    ['a shared name', { sharedNames: ['octopus'] }],
  ])('takes no name of a board that Canopus knows: %s', (_what, changes) => {
    const preset = parseUserPreset('board.json', own(changes));
    expect(codeOf(() => refuseTaken(preset, [octopus]))).toBe('preset/taken');
  });

  it('may have a name that others share, too, but not as its own', () => {
    const sharing = { ...octopus, sharedNames: ['ebb'] };
    refuseTaken(parseUserPreset('board.json', own({ sharedNames: ['ebb'] })), [sharing]);
    const claims = parseUserPreset('board.json', own({ aliases: ['EBB'] }));
    expect(codeOf(() => refuseTaken(claims, [sharing]))).toBe('preset/taken');
  });
});
