import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeNotices } from './notices.mjs';
import { must, projectRoot } from './processes.mjs';

/** What each build is made from and what makes it. `result` must exist for the build to count. */
const builds = {
  cli: {
    sources: ['app', 'main', 'resources/setup/thread-text.mjs', 'vite.cli.config.ts', 'package-lock.json'],
    result: 'out/cli/canopus.js',
    command: ['node_modules/vite/bin/vite.js', 'build', '-c', 'vite.cli.config.ts', '--logLevel', 'warn'],
  },
  program: {
    sources: [
      'app',
      'main',
      'resources/setup/thread-text.mjs',
      'vite.program.config.ts',
      'package-lock.json',
    ],
    result: 'out/program/canopus.cjs',
    command: ['node_modules/vite/bin/vite.js', 'build', '-c', 'vite.program.config.ts', '--logLevel', 'warn'],
  },
  desktop: {
    sources: [
      'app',
      'main',
      'renderer',
      'resources/setup/thread-text.mjs',
      'electron.vite.config.ts',
      'package-lock.json',
    ],
    result: 'out/renderer/index.html',
    command: ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--logLevel', 'warn'],
  },
};

/**
 * @param {string} path
 * @returns {Generator<string, void>}
 */
function* filesBelow(path) {
  const absolute = join(projectRoot, path);
  if (!existsSync(absolute)) return;
  if (!statSync(absolute).isDirectory()) {
    yield path;
    return;
  }
  for (const entry of readdirSync(absolute, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    yield* filesBelow(`${path}/${entry.name}`);
  }
}

/** @param {readonly string[]} sources */
function fingerprint(sources) {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of filesBelow(source)) hash.update(file).update(readFileSync(join(projectRoot, file)));
  }
  return hash.digest('hex');
}

/**
 * Builds those of `names` whose sources have changed since they were last built.
 *
 * @param {readonly (keyof typeof builds)[]} names
 */
export async function ensureBuilt(names, { force = false } = {}) {
  for (const name of names) {
    const { sources, result, command } = builds[name];
    const stampFile = join(projectRoot, 'out', `.built-${name}`);
    const now = fingerprint(sources);
    const fresh =
      existsSync(join(projectRoot, result)) &&
      existsSync(stampFile) &&
      readFileSync(stampFile, 'utf8') === now;
    if (fresh && !force) continue;
    console.log(`Building ${name} ...`);
    await must(`Building ${name}`, process.execPath, command, { quiet: true });
    mkdirSync(join(projectRoot, 'out'), { recursive: true });
    writeFileSync(stampFile, now);
  }
  if (names.includes('desktop') && names.includes('program')) writeNotices();
}
