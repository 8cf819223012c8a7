import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askWords, phaseOfStep, phaseWords, stepWords } from '../../app/words.ts';

const root = join(import.meta.dirname, '../..');

const sources = ['app', 'main', 'renderer'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|svelte)$/.test(name))
    .map((name) => ({ name: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') })),
);

describe('the words of the work on a board', () => {
  it('have one home: no other file spells them', () => {
    const short = [...Object.values(stepWords), ...Object.values(phaseWords)];
    const long = Object.values(askWords).map(({ text }) => text);
    for (const each of [...short.filter((words) => words.includes(' ')), ...long]) {
      const spelt = sources.filter(({ text }) => text.includes(`'${each}'`)).map(({ name }) => name);
      expect(spelt, each).toEqual([join('app', 'words.ts')]);
    }
  });

  it('name a phase with what it is about', () => {
    expect(phaseOfStep('install-katapult', 'verify')).toBe('Katapult: Reading back');
    expect(phaseOfStep('enter-katapult', 'connect')).toBe('Connecting');
    expect(phaseOfStep(null, 'erase')).toBe('Erasing');
  });

  it('keep the name of a step and a phase that another version wrote down', () => {
    expect(phaseOfStep('polish', 'shine')).toBe('shine');
  });
});
