import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { projectRoot } from './processes.mjs';

/** How long each unit test file took, in milliseconds, as `npm test -- --only app --only main --durations` measured it. */
const durationsFile = join(projectRoot, 'test', 'durations.json');

/** The quick tests take this share of the time of all unit tests. */
const quickShare = 0.2;

/**
 * The unit test files that take the least time, up to their share of it. One that was never measured is among them.
 * Shares, not seconds: a busy computer is slow at all of them.
 */
export function quickFiles() {
  const durations = /** @type {Record<string, number>} */ (JSON.parse(readFileSync(durationsFile, 'utf8')));
  const total = Object.values(durations).reduce((sum, each) => sum + each, 0);
  const patterns = ['test/app/**.test.ts', 'test/main/**.test.ts'];
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', ...patterns], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  const files = listed.split('\n').filter((file) => file !== '' && existsSync(join(projectRoot, file)));
  files.sort((a, b) => (durations[a] ?? 0) - (durations[b] ?? 0));
  let spent = 0;
  return files.filter((file) => (spent += durations[file] ?? 0) <= total * quickShare);
}

/**
 * Writes down what a whole run measured.
 *
 * @param {readonly string[]} resultsFiles as vitest's JSON reporter writes them
 */
export function noteDurations(resultsFiles) {
  const entries = resultsFiles.flatMap((file) => {
    const { testResults } =
      /** @type {{ testResults: { name: string, startTime: number, endTime: number }[] }} */ (
        JSON.parse(readFileSync(file, 'utf8'))
      );
    return testResults.map(({ name, startTime, endTime }) => [
      relative(projectRoot, name).split(sep).join('/'),
      Math.round(endTime - startTime),
    ]);
  });
  const sorted = Object.fromEntries(entries.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)));
  writeFileSync(durationsFile, `${JSON.stringify(sorted, null, 2)}\n`);
}
