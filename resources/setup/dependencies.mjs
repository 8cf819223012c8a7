import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must, projectRoot } from './processes.mjs';

const stampFile = join(projectRoot, 'node_modules', '.canopus-lock');

/** Refuses to go on with a Node that the packages do not support. */
export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(
    `Canopus needs Node 20.19 or newer; this is ${process.versions.node}. Get it from nodejs.org.`,
  );
}

/**
 * npm's own program on Windows: npm.cmd beside it is a batch file, which Node starts by a shell only (CVE-2024-27980).
 *
 * @returns {string | undefined}
 */
function npmOfNode() {
  const path = join(dirname(process.execPath), 'node_modules', 'npm', 'bin', 'npm-cli.js');
  return process.platform === 'win32' && existsSync(path) ? path : undefined;
}

/** Installs the packages of package-lock.json exactly, when they are not installed or the lock has changed. */
export async function ensureDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(join(projectRoot, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';
  if (installed === lock) return;
  console.log('Installing packages (npm ci) ...');
  const npm = process.env['npm_execpath'] ?? npmOfNode();
  const args = ['ci', '--no-fund', '--no-audit', '--loglevel=error'];
  if (npm) await must('npm ci', process.execPath, [npm, ...args]);
  else await must('npm ci', 'npm', args);
  writeFileSync(stampFile, lock);
}
