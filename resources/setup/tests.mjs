import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { projectRoot, run } from './processes.mjs';

const resultsDirectory = join(projectRoot, 'out', 'test-results');

/** Checks of the source itself; each counts as one test. */
const checks = [
  ['lint', 'node_modules/eslint/bin/eslint.js', ['.', '--max-warnings', '0']],
  ['types', 'node_modules/@typescript/native/bin/tsc', ['-b']],
  [
    'components',
    'node_modules/svelte-check/bin/svelte-check',
    ['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  ],
  ['imports', 'resources/setup/imports.mjs', []],
  ['format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
];

/** Two at a time: lint alone takes as long as the others together. */
async function runChecks(totals) {
  const left = [...checks];
  const worker = async () => {
    for (let check = left.shift(); check !== undefined; check = left.shift()) {
      const [name, program, args] = check;
      const code = await run(process.execPath, [program, ...args], { quiet: true });
      console.log(`${code === 0 ? ' ok ' : 'FAIL'} check: ${name}`);
      totals[code === 0 ? 'passed' : 'failed'] += 1;
    }
  };
  await Promise.all([worker(), worker()]);
}

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
  const result = JSON.parse(readFileSync(file, 'utf8'));
  totals.passed += result.numPassedTests;
  totals.failed += result.numFailedTests;
  totals.skipped += result.numPendingTests + result.numTodoTests;
  // A file that fails to load, or an error outside any test, has no failed test to count.
  if (code !== 0 && result.numFailedTests === 0) totals.failed += 1;
}

/**
 * Runs everything that this computer can run and ends with `N passed, N failed, N skipped`.
 * Arguments: `--only checks|unit|renderer|system|kernel` (repeatable); anything else filters test files.
 */
export async function runTests(args) {
  const only = new Set();
  const filters = [];
  for (let index = 0; index < args.length; index += 1) {
    if (args[index] === '--only') only.add(args[(index += 1)]);
    else filters.push(args[index]);
  }
  const chosen = (name) => only.size === 0 || only.has(name);
  mkdirSync(resultsDirectory, { recursive: true });
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const unavailable = chosen('system') || chosen('kernel') ? await ensurePackages() : [];
  if (chosen('checks') && filters.length === 0) await runChecks(totals);
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
