import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isCanopusError } from '../../../app/errors.ts';
import { startedWord, stepExit } from '../../../app/pi/step-scripts.ts';
import { shellScript } from '../../../app/transport/shell-script.ts';
import { fileExit } from '../../../main/shell/remote-files.ts';

describe('a script as a shell runs it', () => {
  it('is its file without the comments at its head', () => {
    expect(shellScript('#!/bin/sh\n# What it does. $1 a word.\necho "$1"\n# why\necho 2\n')).toBe(
      'echo "$1"\n# why\necho 2\n',
    );
  });

  it('has the parts that it shares, in their place and with their own parts', () => {
    const parts = { 'a.sh': '#!/bin/sh\n# A part.\n. ./b.sh\necho a\n', 'b.sh': '#!/bin/sh\necho b\n' };
    expect(shellScript('if true; then\n  . ./a.sh\nfi\n', parts)).toBe(
      'if true; then\n  echo b\necho a\nfi\n',
    );
  });

  it('does not miss a part in silence', () => {
    expect(() => shellScript('. ./c.sh\n')).toThrow(
      expect.toSatisfy((error: unknown) => isCanopusError(error, 'internal')) as Error,
    );
  });
});

/** The numbers from 80 up that the scripts of a folder exit with. */
function exitCodesIn(folder: string): Set<number> {
  const found = new Set<number>();
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    for (const [, code] of text.matchAll(/\b(?:exit|dies) (\d+)/g))
      if (Number(code) >= 80) found.add(Number(code));
  }
  found.delete(143);
  return found;
}

describe('what is said on both sides', () => {
  it('names every exit code of the steps on a Pi', () => {
    expect(exitCodesIn('app/pi/scripts')).toEqual(new Set(Object.values(stepExit)));
  });

  it('names every exit code of the files behind a shell', () => {
    expect(exitCodesIn('main/shell/scripts')).toEqual(new Set(Object.values(fileExit)));
  });

  it('begins each step with the word that shows it started', () => {
    for (const name of ['step-common.sh', 'command.sh'])
      expect(readFileSync(join('app/pi/scripts', name), 'utf8')).toContain(`\necho ${startedWord}\n`);
  });
});
