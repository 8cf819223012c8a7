import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChecks } from './checks.mjs';
import { ensurePackages } from './packages.mjs';
import { projectRoot, run } from './processes.mjs';

const resultsDirectory = join(projectRoot, 'out', 'test-results');

/** @typedef {{ passed: number, failed: number, skipped: number }} Totals */

/**
 * @param {string} project
 * @param {readonly string[]} filters
 * @param {Totals} totals
 */
async function runProject(project, filters, totals) {
  const file = join(resultsDirectory, `${project}.json`);
  rmSync(file, { force: true });
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    '--passWithNoTests',
    ...filters,
  ];
  const code = await run(process.execPath, [
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  if (!existsSync(file)) {
    totals.failed += 1;
    return;
  }
  const result =
    /** @type {Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests', number>} */ (
      JSON.parse(readFileSync(file, 'utf8'))
    );
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  // A file that fails to load, or an error outside any test, has no failed test to count.
  if (code !== 0 && result.numFailedTests === 0) totals.failed += 1;
}

/**
 * Runs everything that this computer can run and ends with `N passed, N failed, N skipped`.
 * Arguments: `--only checks|unit|renderer|system|kernel` (repeatable); anything else filters test files.
 *
 * @param {readonly string[]} args
 */
export async function runTests(args) {
  const only = new Set();
  /** @type {string[]} */
  const filters = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--only') only.add(args[(index += 1)]);
    else filters.push(argument);
  }
  /** @param {string} name */
  const chosen = (name) => only.size === 0 || only.has(name);
  mkdirSync(resultsDirectory, { recursive: true });
  /** @type {Totals} */
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const unavailable = await ensurePackages(['checks', 'system', 'kernel'].filter(chosen));
  if (chosen('checks') && filters.length === 0) {
    const { passed, failed, skipped } = await runChecks({ quick: false });
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
  }
  for (const project of ['unit', 'renderer', 'system', 'kernel']) {
    if (!chosen(project)) continue;
    const reason = unavailable.find((entry) => entry.project === project);
    if (reason) {
      console.log(`\nSKIPPED ALL "${project}" TESTS: ${reason.why}\n`);
      totals.skipped += 1;
      continue;
    }
    await runProject(project, filters, totals);
  }
  console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}
