import { join } from 'node:path';
import { run } from './processes.mjs';

/** Where checks keep what they know of files that did not change since. */
const caches = join('.cache', 'checks');

/**
 * The checks of the source itself: `npm run check`, the first part of `npm test`, and what a merge needs. `cached`: what
 * is added to leave out unchanged files. Lint with types may then miss what a change elsewhere did to an unchanged
 * file, so `npm test` looks at all.
 *
 * @type {readonly { name: string, program: string, args: readonly string[], cached?: readonly string[] }[]}
 */
export const checks = [
  {
    name: 'lint',
    program: 'node_modules/eslint/bin/eslint.js',
    args: ['.', '--max-warnings', '0'],
    cached: ['--cache', '--cache-strategy', 'content', '--cache-location', join(caches, 'eslint')],
  },
  { name: 'types', program: 'node_modules/@typescript/native/bin/tsc', args: ['-b'] },
  {
    name: 'components',
    program: 'node_modules/svelte-check/bin/svelte-check',
    args: ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
  { name: 'imports', program: 'resources/setup/imports.mjs', args: [] },
  { name: 'shell', program: 'resources/setup/shell.mjs', args: [] },
  {
    name: 'format',
    program: 'node_modules/prettier/bin/prettier.cjs',
    args: ['--check', '--log-level', 'warn', '.'],
    cached: ['--cache', '--cache-strategy', 'content', '--cache-location', join(caches, 'prettier')],
  },
];

const marks = { passed: ' ok ', failed: 'FAIL', skipped: 'LEFT OUT' };

/** Exit code of a check that lacks its tool on this computer. */
const leftOut = 77;

/**
 * Runs all of them, two at a time: lint alone takes as long as the others together. What a check says is shown where it
 * fails, or was left out.
 *
 * @param {{ readonly cache: boolean }} options
 */
export async function runChecks({ cache }) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const left = [...checks];
  const worker = async () => {
    for (let check = left.shift(); check !== undefined; check = left.shift()) {
      const args = [check.program, ...check.args, ...(cache ? (check.cached ?? []) : [])];
      const code = await run(process.execPath, args, { quiet: true });
      const result = code === 0 ? 'passed' : code === leftOut ? 'skipped' : 'failed';
      console.log(`${marks[result]} check: ${check.name}`);
      totals[result] += 1;
    }
  };
  await Promise.all([worker(), worker()]);
  return totals;
}
