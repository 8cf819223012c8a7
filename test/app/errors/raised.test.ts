import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, it } from 'vitest';
import { errorCodes } from '../../../app/errors.ts';

const root = join(import.meta.dirname, '../../..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ts$/.test(name) && !name.startsWith(`errors${sep}`))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
}

/** What stands before a code that is only compared with, not raised. */
const compared = /(isCanopusError\([^()]*,\s*|[=!]==\s*|case\s+)$/;

it('every code is raised somewhere in the source', () => {
  const all = [...sources('app'), ...sources('main')];
  const isRaised = (code: string): boolean =>
    all.some((text) =>
      text
        .split(`'${code}'`)
        .slice(0, -1)
        .some((before) => !compared.test(before)),
    );
  expect(errorCodes.filter((code) => !isRaised(code))).toEqual([]);
});
