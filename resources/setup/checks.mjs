import { join } from 'node:path';
import { run } from './processes.mjs';

/** @typedef {{ name: string, program: string, args: readonly string[], quick?: readonly string[] }} Check */

const marks = { passed: ' ok ', failed: 'FAIL', skipped: 'LEFT OUT' };

const lintArgs = ['.', '--max-warnings', '0'];
const componentArgs = ['--fail-on-warnings', '--output', 'human'];
const formatArgs = ['--check', '--log-level', 'warn', '.'];

/**
 * Keeps what a tool knows of files that did not change since.
 *
 * @param {string} name
 */
const cached = (name) => [
  ...['--cache', '--cache-strategy', 'content'],
  ...['--cache-location', join('.cache', 'checks', name)],
];

/**
 * The checks of the source itself: `npm run check`, the first part of `npm test`, and what a merge needs. `quick` are the
 * arguments with which `npm run check` leaves out what did not change. Lint with types may then miss what a change
 * elsewhere did to an unchanged file, so `npm test` looks at all.
 *
 * Two lanes run beside each other: on all files lint alone takes as long as the others together. Within a lane the order
 * counts: the quick check of components reads the types of app/ that the check of types has written.
 *
 * @type {readonly (readonly Check[])[]}
 */
const lanes = [
  [
    {
      name: 'lint',
      program: 'node_modules/eslint/bin/eslint.js',
      args: lintArgs,
      quick: [...lintArgs, ...cached('eslint')],
    },
  ],
  [
    { name: 'types', program: 'node_modules/@typescript/native/bin/tsc', args: ['-b'] },
    {
      name: 'components',
      program: 'node_modules/svelte-check/bin/svelte-check',
      args: ['--tsconfig', 'renderer/tsconfig.json', ...componentArgs],
      quick: ['--tsconfig', 'tsconfig.components.json', '--tsgo', '--incremental', ...componentArgs],
    },
    { name: 'imports', program: 'resources/setup/imports.mjs', args: [] },
    { name: 'shell', program: 'resources/setup/shell.mjs', args: [] },
    { name: 'licences', program: 'resources/setup/licences.mjs', args: [] },
    { name: 'python', program: 'resources/setup/python.mjs', args: [] },
    {
      name: 'format',
      program: 'node_modules/prettier/bin/prettier.cjs',
      args: formatArgs,
      quick: [...formatArgs, ...cached('prettier')],
    },
  ],
];

/** Exit code of a check that lacks its tool on this computer. */
const leftOut = 77;

/**
 * Runs all of them. What a check says is shown where it fails, or was left out.
 *
 * @param {{ readonly quick: boolean }} options
 */
export async function runChecks({ quick }) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failures = [];
  /** @param {readonly Check[]} lane */
  const runLane = async (lane) => {
    for (const check of lane) {
      const startedAt = performance.now();
      const args = [check.program, ...((quick ? check.quick : undefined) ?? check.args)];
      const code = await run(process.execPath, args, { quiet: true });
      const result = code === 0 ? 'passed' : code === leftOut ? 'skipped' : 'failed';
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
      console.log(`${marks[result]} check: ${check.name} (${seconds} s)`);
      totals[result] += 1;
      if (result === 'failed') failures.push(`check ${check.name}`);
    }
  };
  await Promise.all(lanes.map(runLane));
  return { ...totals, failures };
}
