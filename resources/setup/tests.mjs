import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runChecks } from './checks.mjs';
import { ensurePackages } from './packages.mjs';
import { projectRoot, run } from './processes.mjs';
import { noteDurations, quickFiles } from './quick-tests.mjs';

const resultsDirectory = join(projectRoot, 'out', 'test-results');

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[] }} Totals */

/**
 * The failed tests and the files that failed to load, each with its file.
 *
 * @param {readonly { name: string, status: string, assertionResults: { status: string, fullName: string }[] }[]} files
 *   as vitest's JSON reporter writes them
 */
function namesOfFailures(files) {
  return files.flatMap(({ name, status, assertionResults }) => {
    const file = relative(projectRoot, name);
    const failed = assertionResults.filter((each) => each.status === 'failed');
    if (failed.length > 0) return failed.map((each) => `${file} > ${each.fullName}`);
    return status === 'failed' ? [`${file} (outside its tests)`] : [];
  });
}

/**
 * @param {string} project
 * @param {readonly string[]} filters
 * @param {Totals} totals
 * @param {boolean} long
 */
async function runProject(project, filters, totals, long) {
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
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const code = await run(process.execPath, [...args, ...reporters], {
    env: long ? { CANOPUS_LONG: '1' } : {},
  });
  if (!existsSync(file)) {
    totals.failed += 1;
    totals.failures.push(`project ${project} (no results)`);
    return;
  }
  const result =
    /** @type {Record<'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests', number> & { testResults: Parameters<typeof namesOfFailures>[0] }} */ (
      JSON.parse(readFileSync(file, 'utf8'))
    );
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  // A file that fails to load, or an error outside any test, has no failed test to count.
  if (code !== 0 && result.numFailedTests === 0) totals.failed += 1;
  const failures = namesOfFailures(result.testResults);
  if (code !== 0 && failures.length === 0) failures.push(`project ${project} (an error outside any test)`);
  totals.failures.push(...failures);
}

/**
 * Runs everything that this computer can run and ends with `N passed, N failed, N skipped`.
 * Arguments: `--only checks|app|main|renderer|system|kernel` (repeatable), `--durations` (writes test/durations.json, by which
 * the quick tests are chosen); anything else filters test files. `long`: every
 * case of the tests that draw a sample otherwise (test/counts.ts). `quick`: the quickest unit tests and nothing else.
 *
 * @param {readonly string[]} args
 * @param {{ readonly length?: 'quick' | 'usual' | 'long' }} [options]
 */
export async function runTests(args, { length = 'usual' } = {}) {
  const only = new Set();
  let durations = false;
  /** @type {string[]} */
  const filters = [];
  for (let index = 0; index < args.length; index += 1) {
    const argument = args[index] ?? '';
    if (argument === '--only') only.add(args[(index += 1)]);
    else if (argument === '--durations') durations = true;
    else filters.push(argument);
  }
  /** @param {string} name */
  const chosen = (name) =>
    (only.size === 0 || only.has(name)) && (length !== 'quick' || ['app', 'main'].includes(name));
  if (length === 'quick' && filters.length === 0) filters.push(...quickFiles());
  mkdirSync(resultsDirectory, { recursive: true });
  /** @type {Totals} */
  const totals = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const unavailable = await ensurePackages(['checks', 'system', 'kernel'].filter(chosen));
  if (chosen('checks') && filters.length === 0) {
    const { passed, failed, skipped, failures } = await runChecks({ quick: false });
    totals.passed += passed;
    totals.failed += failed;
    totals.skipped += skipped;
    totals.failures.push(...failures);
  }
  for (const project of ['app', 'main', 'renderer', 'system', 'kernel']) {
    if (!chosen(project)) continue;
    const reason = unavailable.find((entry) => entry.project === project);
    if (reason) {
      console.log(`\nSKIPPED ALL "${project}" TESTS: ${reason.why}\n`);
      totals.skipped += 1;
      continue;
    }
    await runProject(project, filters, totals, length === 'long');
  }
  if (durations) noteDurations(['app', 'main'].map((name) => join(resultsDirectory, `${name}.json`)));
  // A log that is cut to its end still names what failed.
  for (const failure of totals.failures) console.log(`\nFAILED ${failure}`);
  console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}
