import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runChecks } from './checks.mjs';
import { ensurePackages } from './packages.mjs';
import { projectRoot, run } from './processes.mjs';
import { noteDurations, quickFiles } from './quick-tests.mjs';

const resultsDirectory = join(projectRoot, 'out', 'test-results');

/** @typedef {{ passed: number, failed: number, skipped: number, failures: string[], unsteady: string[] }} Totals */

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
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: Parameters<typeof namesOfFailures>[0] }} Result as vitest's JSON reporter writes it
 */

/**
 * @param {string} project
 * @param {readonly string[]} filters
 * @param {boolean} long
 * @returns {Promise<{ code: number, result: Result | null }>}
 */
async function runVitest(project, filters, long) {
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
  return { code, result: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null };
}

/** Their tests start real programs, browsers and emulated machines beside each other. */
const realWorld = ['system', 'kernel'];

/** More than these were not a busy computer's doing. */
const mostAgain = 3;

/**
 * Runs the few failed files of a project once more, without others beside them. A test that passes then was disturbed by
 * the computer's load: it counts as passed and is listed as unsteady at the end of the run, to be mended.
 *
 * @param {string} project
 * @param {Result} first
 * @param {Totals} totals
 * @param {boolean} long
 * @returns {Promise<boolean>} whether the failed files passed this time
 */
async function passesAlone(project, first, totals, long) {
  const failed = first.testResults.filter((each) => each.status === 'failed');
  if (!realWorld.includes(project) || failed.length === 0 || failed.length > mostAgain) return false;
  const files = failed.map(({ name }) => relative(projectRoot, name));
  console.log(`\nOnce more, alone: ${files.join(', ')}\n`);
  const { code, result } = await runVitest(project, [...files, '--no-file-parallelism'], long);
  if (code !== 0 || result === null || result.numPassedTests === 0) return false;
  totals.passed += first.numFailedTests;
  totals.unsteady.push(...namesOfFailures(first.testResults));
  return true;
}

/**
 * @param {string} project
 * @param {readonly string[]} filters
 * @param {Totals} totals
 * @param {boolean} long
 */
async function runProject(project, filters, totals, long) {
  const { code, result } = await runVitest(project, filters, long);
  if (result === null) {
    totals.failed += 1;
    totals.failures.push(`project ${project} (no results)`);
    return;
  }
  totals.passed += result.numPassedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  if (code === 0 || (await passesAlone(project, result, totals, long))) return;
  // A file that fails to load, or an error outside any test, has no failed test to count.
  totals.failed += Math.max(1, result.numFailedTests);
  const failures = namesOfFailures(result.testResults);
  if (failures.length === 0) failures.push(`project ${project} (an error outside any test)`);
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
  const totals = { passed: 0, failed: 0, skipped: 0, failures: [], unsteady: [] };
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
  for (const each of totals.unsteady) console.log(`\nUNSTEADY ${each} (failed beside others, passed alone)`);
  for (const failure of totals.failures) console.log(`\nFAILED ${failure}`);
  console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  return totals.failed === 0 && totals.passed > 0 ? 0 : 1;
}
